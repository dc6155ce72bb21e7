package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/config"
)

// Holds reads the site's ledger, in a process of its own, beside the program or after it: the ledger's own check first,
// then every appointment of the partner with its details.
func (s *Site) Holds(ctx context.Context, partner string) ([]booking.Appointment, error) {
	return s.HoldsIn(ctx, s.Data(), partner)
}

// HoldsIn reads a copy of the site's SQLite files, in another folder.
func (s *Site) HoldsIn(ctx context.Context, folder, partner string) ([]booking.Appointment, error) {
	cmd := exec.CommandContext(ctx, s.reader, folder, partner)
	var complaint bytes.Buffer
	cmd.Env, cmd.Stderr = s.environment(), &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("gateway: the ledger: %s (%w)", bytes.TrimSpace(complaint.Bytes()), err)
	}
	var rows []booking.Appointment
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return rows, nil
}

// Holdings is what Holds does, in this process: env is a site's.
func Holdings(ctx context.Context, env func(string) (string, bool), folder, partner string) (rows []booking.Appointment, err error) {
	c, err := config.Load("", env, os.ReadFile)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	keys, err := auth.NewKeyring(c.Secret)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	l, err := ledger.Open(ctx, ledger.Options{Path: filepath.Join(folder, "registre.db"), URL: string(c.Database), Keys: keys.Derive("registre")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	found, err := l.Check(ctx)
	if err != nil {
		return nil, err
	}
	if found.Unreadable > 0 {
		return nil, fmt.Errorf("gateway: the details of %d appointments cannot be read", found.Unreadable)
	}
	return appointments(ctx, l, partner)
}

func appointments(ctx context.Context, l *ledger.Ledger, partner string) ([]booking.Appointment, error) {
	const page = 500
	var out []booking.Appointment
	for {
		found, total, err := l.Appointments(ctx, partner, booking.AppointmentFilter{Limit: page, Offset: len(out)})
		if err != nil {
			return nil, err
		}
		if out = append(out, found...); len(out) >= total || len(found) == 0 {
			return out, nil
		}
	}
}
