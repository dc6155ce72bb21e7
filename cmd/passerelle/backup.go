package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"passerelle/booking/ledger"
	"passerelle/config"
)

func (p program) backup(ctx context.Context, args []string) error {
	f := p.flags("backup", "FICHIER", `Copie le registre SQLite dans un nouveau fichier, pendant que la passerelle sert. Les clés des données personnelles n'y sont pas : ce
qui est effacé l'est aussi dans les sauvegardes. --keys copie ces clés, à part ; ne gardez pas cette copie plus de sept jours.
Un registre PostgreSQL se sauvegarde par pg_dump : voir docs/operations.md.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	keys := f.String("keys", "", "copie aussi les clés, dans ce fichier")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.withLedger(ctx, *path, func(g *gateway) error {
		err := ours(f.Arg(0), g.ledger.Backup(ctx, f.Arg(0)))
		if errors.Is(err, ledger.ErrNoFile) {
			return errors.New("ce registre est dans PostgreSQL : « pg_dump --exclude-schema=passerelle_cles » le sauvegarde")
		}
		if err != nil || *keys == "" {
			return err
		}
		return ours(*keys, g.ledger.BackupKeys(ctx, *keys))
	})
}

// ours makes a file that was written readable to its owner alone.
func ours(file string, err error) error {
	if err != nil {
		return err
	}
	return os.Chmod(file, 0o600)
}

// withLedger opens the ledger alone: a backup needs neither places nor agendas.
func (p program) withLedger(ctx context.Context, path string, do func(*gateway) error) error {
	c, err := p.configuration(path)
	if err != nil {
		return err
	}
	g := &gateway{config: c, now: p.now}
	g.logger, g.lines = p.logger(c)
	if err := g.openLedger(ctx, false); err != nil {
		return err
	}
	return errors.Join(do(g), g.ledger.Close())
}

func (p program) restore(ctx context.Context, args []string) error {
	f := p.flags("restore", "FICHIER", `Met une sauvegarde à la place du registre SQLite. La passerelle doit être arrêtée. La sauvegarde est d'abord ouverte et vérifiée ; le
registre qu'elle remplace est gardé à côté. Les clés en place restent, à moins de donner --keys : ce qui a été effacé depuis le reste.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	keys := f.String("keys", "", "une sauvegarde des clés, quand celles en place sont perdues")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	c, err := p.configuration(*path)
	if err != nil {
		return err
	}
	if c.Database != "" {
		return errors.New("ce registre est dans PostgreSQL : « pg_restore » le remet en place")
	}
	held, err := holdData(c.DataDir)
	if err != nil {
		return err
	}
	defer held.Close()
	check, err := p.tryBackup(ctx, c, f.Arg(0), *keys)
	if err != nil {
		return fmt.Errorf("la sauvegarde n'est pas utilisable, rien n'a été changé : %w", err)
	}
	stamp := p.now().UTC().Format("20060102T150405Z")
	if err := putInPlace(f.Arg(0), filepath.Join(c.DataDir, ledgerFile), stamp); err != nil {
		return err
	}
	if *keys != "" {
		if err := putInPlace(*keys, filepath.Join(c.DataDir, keysFile), stamp); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.out, "%d rendez-vous remis ; %d dont les données personnelles ne peuvent plus être lues (effacées depuis, ou clés perdues).\n", check.Appointments, check.Unreadable)
	return nil
}

// tryBackup opens copies of a backup and of the keys that it will meet, and looks at the whole.
func (p program) tryBackup(ctx context.Context, c config.Config, file, keys string) (check ledger.Check, err error) {
	folder, err := os.MkdirTemp("", "passerelle-")
	if err != nil {
		return check, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if keys == "" {
		keys = filepath.Join(c.DataDir, keysFile)
	}
	if err := copyFile(file, filepath.Join(folder, ledgerFile)); err != nil {
		return check, err
	}
	for _, suffix := range []string{"", "-wal"} { // after a crash most of the keys are in the journal
		if err := copyFile(keys+suffix, filepath.Join(folder, keysFile)+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return check, err
		}
	}
	c.DataDir = folder
	g := &gateway{config: c, now: p.now}
	g.logger, g.lines = p.logger(c)
	if err := g.openLedger(ctx, false); err != nil {
		return check, err
	}
	check, err = g.ledger.Check(ctx)
	return check, errors.Join(err, g.ledger.Close())
}

// putInPlace sets a file where another stands, which keeps a name with a stamp, its journal too. The new one is whole
// and on disk before the old one goes.
func putInPlace(from, to, stamp string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	next := to + onItsWay
	if err := copyFile(from, next); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(to+suffix, to+replaced+stamp+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(next, to); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close()) // the names too outlive a power cut
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// rewrap ends the use of a previous secret for what is kept.
func (p program) rewrap(ctx context.Context, args []string) error {
	f := p.flags("rewrap", "", `Scelle avec le secret actuel tout ce qu'un secret précédent a scellé dans le registre. Après quoi, et une fois finis les jetons et les
créneaux qu'il a signés, il peut être retiré de « secrets_precedents ».`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.withLedger(ctx, *path, func(g *gateway) error {
		began := p.now()
		if err := g.ledger.Rewrap(ctx); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "fait en %s\n", p.now().Sub(began).Round(time.Millisecond))
		return nil
	})
}
