package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones must not depend on the machine
)

// version is the program's, set at build time with -ldflags "-X main.version=…".
var version = "dev"

// build tells one build from another, where the program knows: its version and the revision of its source.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	text := version + " " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
			text += " " + s.Value
		}
	}
	return text
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := program{env: os.LookupEnv, out: os.Stdout, err: os.Stderr, now: time.Now}.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is what a command may use of the outside world.
type program struct {
	env      func(string) (string, bool)
	out, err io.Writer
	now      func() time.Time
	founds   bool // it may begin a ledger where there is none
}

// founder is for the commands that a gateway begins with. Another that finds no ledger is in a wrong folder.
func (p program) founder() program {
	p.founds = true
	return p
}

// command is one word after "passerelle".
type command struct {
	name    string
	args    string
	summary string
	run     func(program, context.Context, []string) error
}

func commands() []command {
	return []command{
		{"demo", "[--addr hôte:port] [--json]", "lance une passerelle de démonstration, avec des lieux inventés", program.demo},
		{"serve", "[--config FICHIER]", "lance la passerelle", program.serve},
		{"check", "[--links] [--json] FICHIER…", "vérifie un fichier au standard des lieux : lignes refusées, lieux par connecteur, liens", program.check},
		{"resolve", "[--ask] [--json] URL…", "dit ce qu'est un lien de prise de rendez-vous", program.resolve},
		{"slots", "[--hours H] [--duration D] URL", "montre les créneaux libres d'un agenda ICS", program.slots},
		{"hours", "[--from T] [--to T] [--zone Z] VALEUR…", "lit des horaires et dit quand c'est ouvert (JSON)", program.hours},
		{"calendar", "events|explain FICHIER…", "lit un fichier iCalendar : ses occurrences (JSON), ou ce qui en a été compris", program.calendar},
		{"partner", "add|list|territory|revoke|secret …|key …", "gère les plateformes partenaires : où elles agissent, leurs secrets, leurs clés", program.partner},
		{"keys", "list|rotate", "montre, et remplace, la clé qui signe les jetons", program.keysOf},
		{"account", "list|approve|operator|place|erase", "gère les personnes qui se connectent aux pages", program.account},
		{"agenda", "add|list|test|consent|pause|resume", "gère les agendas raccordés", program.agenda},
		{"request", "list|show|accept|refuse", "répond, pour une structure, aux demandes de rendez-vous", program.request},
		{"todo", "[--json] | settle ID ISSUE", "montre, et règle, ce que seul un humain peut régler", program.todo},
		{"demand", "[--from MOIS] [--to MOIS] [--csv]", "montre ce qui a été cherché, mois par mois, et ce qui n'a pas été trouvé", program.demandOf},
		{"erase", "ID…", "efface les données personnelles de rendez-vous", program.erase},
		{"backup", "[--keys FICHIER] FICHIER", "copie le registre", program.backup},
		{"restore", "[--keys FICHIER] FICHIER", "remet une sauvegarde du registre", program.restore},
		{"rewrap", "", "scelle avec le secret actuel ce qu'un secret précédent a scellé", program.rewrap},
		{"doctor", "[--json]", "examine la configuration, le registre et ce dont ils dépendent", program.doctor},
		{"outbox", "[--all] [--json]", "montre les messages que la passerelle doit à quelqu'un", program.outbox},
	}
}

// errUsage says that the command was called wrongly and has said how it is called.
var errUsage = errors.New("usage")

// run gives the exit code: 0, 1 for what went wrong, 2 for a wrong call.
func (p program) run(ctx context.Context, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		p.help(p.out)
		return 0
	}
	if args[0] == "version" || args[0] == "--version" {
		fmt.Fprintln(p.out, "passerelle", version)
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(p, ctx, args[1:])
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		}
		fmt.Fprintln(p.err, "passerelle "+c.name+" :", explain(err))
		return 1
	}
	fmt.Fprintf(p.err, "passerelle : « %s » n'est pas une commande.\n\n", args[0])
	p.help(p.err)
	return 2
}

func (p program) help(w io.Writer) {
	fmt.Fprint(w, `Passerelle RDV relie le lien « prise_rdv » de chaque lieu de médiation numérique à son agenda,
et offre une seule API pour trouver un créneau et le réserver.

Pour commencer :  passerelle demo

Commandes :
`)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s %-40s %s\n", c.name, c.args, c.summary)
	}
	fmt.Fprint(w, `
« passerelle COMMANDE -h » dit les options d'une commande. La configuration est un fichier YAML
(--config, ou PASSERELLE_CONFIG) et des variables PASSERELLE_* : voir docs/configuration.md.
`)
}

// flags makes the flag set of a command, which says how it is called when it is called wrongly.
func (p program) flags(name, args, more string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(p.err)
	f.Usage = func() {
		fmt.Fprintf(p.err, "Appel : passerelle %s %s\n", name, args)
		if more != "" {
			fmt.Fprintln(p.err, "\n"+strings.TrimSpace(more))
		}
		fmt.Fprintln(p.err, "\nOptions :")
		f.PrintDefaults()
	}
	return f
}

// parse reads flags, wherever they stand among the words; after "--" there are only words. A wrong flag has been
// explained by the flag set itself.
func parse(f *flag.FlagSet, args []string, least, most int) error {
	var words, after []string
	if end := slices.Index(args, "--"); end >= 0 {
		args, after = args[:end], args[end+1:]
	}
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return errUsage
		}
		if args = f.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	if err := f.Parse(slices.Concat([]string{"--"}, words, after)); err != nil {
		return err
	}
	if n := f.NArg(); n < least || most >= 0 && n > most {
		f.Usage()
		return errUsage
	}
	return nil
}

// action runs the second word of a command such as "partner add".
func (p program) action(ctx context.Context, name string, args []string, actions map[string]func(context.Context, []string) error) error {
	if len(args) > 0 {
		if run, ok := actions[args[0]]; ok {
			return run(ctx, args[1:])
		}
	}
	for _, c := range commands() {
		if c.name == name {
			fmt.Fprintf(p.err, "Appel : passerelle %s %s\n%s.\n", name, c.args, c.summary)
		}
	}
	if len(args) == 1 && (args[0] == "-h" || args[0] == "--help") {
		return flag.ErrHelp
	}
	return errUsage
}
