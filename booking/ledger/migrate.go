package ledger

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed schema
var schema embed.FS

// migrate applies the files of the dialect's folder that this database has not seen, in one transaction. Forward only:
// what a newer program wrote is refused, because this one does not know what it means; so is, where there must be a ledger, a
// database that has none.
func migrate(ctx context.Context, s store, d *dialect, existing bool) error {
	files, err := fs.Glob(schema, "schema/"+d.name+"/*.sql")
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	slices.Sort(files)
	return s.write(ctx, func(s *session) error {
		var version int
		if err := d.alone(ctx, s); err != nil {
			return err
		}
		if _, err := s.first(ctx, []any{&version}, d.version); err != nil {
			return err
		}
		switch {
		case version > len(files):
			return ErrNewerSchema
		case version == 0 && existing:
			return ErrNoLedger
		}
		for _, name := range files[version:] {
			if err := script(ctx, s, name); err != nil {
				return err
			}
		}
		if version == len(files) {
			return nil
		}
		if _, err := s.exec(ctx, d.setVersion(len(files))); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		return nil
	})
}

func script(ctx context.Context, s *session, name string) error {
	text, err := schema.ReadFile(name)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if _, err := s.ExecContext(ctx, string(text)); err != nil {
		return fmt.Errorf("ledger: %s: %w", name, err)
	}
	return nil
}
