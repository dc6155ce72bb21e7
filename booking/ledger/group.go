package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
)

// maxGroup is how many transactions share one commit at most: the first waits for the last.
const maxGroup = 64

// job is one transaction that waits to be written.
type job struct {
	ctx  context.Context
	do   func(*session) error
	err  error
	done chan struct{}
}

var errClosed = errors.New("ledger: closed")

// write runs do in one transaction; an error undoes all of it, and nothing else. It returns once that is on disk. Once a
// transaction is given away only the writer knows what became of it, so a caller that leaves is not let go before.
func (s *sqliteStore) write(ctx context.Context, do func(*session) error) error {
	j := &job{ctx: ctx, do: do, done: make(chan struct{})}
	select {
	case s.jobs <- j:
	case <-s.closing:
		return errClosed
	case <-ctx.Done():
		return fmt.Errorf("ledger: %w", ctx.Err())
	}
	select {
	case <-j.done:
	case <-s.ended:
		select {
		case <-j.done:
		default: // it came when the writer had gone
			return errClosed
		}
	}
	return j.err
}

// group is the one writer. The transactions that came while the disk was busy with the last commit share the next one:
// each is a savepoint, so that what one of them is refused touches no other. A sync costs milliseconds, a transaction
// a fraction of one.
func (s *sqliteStore) group(conn *sql.Conn) {
	defer close(s.ended)
	defer conn.Close()
	texts := newPrepared(conn.PrepareContext)
	defer texts.Close()
	w := &session{runner: under{texts, context.Background()}, dialect: sqliteDialect}
	for {
		select {
		case first := <-s.jobs:
			batch := append([]*job{first}, s.waiting(maxGroup-1)...)
			w.commit(batch, s.points)
			for _, j := range batch {
				close(j.done)
			}
		case <-s.closing:
			for _, j := range s.waiting(len(s.jobs)) {
				j.err = errClosed
				close(j.done)
			}
			return
		}
	}
}

// waiting takes what is there, up to so many.
func (s *sqliteStore) waiting(most int) (list []*job) {
	for len(list) < most {
		select {
		case j := <-s.jobs:
			list = append(list, j)
		default:
			return list
		}
	}
	return list
}

// commit runs a batch and keeps it.
func (s *session) commit(batch []*job, p points) {
	ctx := context.Background()
	fail := func(err error) {
		for _, j := range batch {
			if j.err == nil {
				j.err = fmt.Errorf("ledger: %w", err)
			}
		}
	}
	p.reach(beforeBegin)
	if _, err := s.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		fail(err)
		return
	}
	if len(batch) == 1 { // alone: no savepoint is needed
		if batch[0].err = attempt(batch[0].do, s); batch[0].err != nil {
			if err := s.rollback(ctx); err != nil {
				batch[0].err = errors.Join(batch[0].err, err)
			}
			return
		}
	} else {
		for _, j := range batch {
			if err := s.savepoint(ctx, j); err != nil {
				fail(errors.Join(err, s.rollback(ctx)))
				return
			}
		}
	}
	p.executed(batch)
	if _, err := s.exec(ctx, "COMMIT"); err != nil {
		fail(errors.Join(err, s.rollback(ctx)))
	}
	p.reach(afterCommit)
}

func (s *session) rollback(ctx context.Context) error {
	_, err := s.exec(ctx, "ROLLBACK")
	return err
}

// savepoint runs one transaction of a batch. The error is the batch's, not the transaction's.
func (s *session) savepoint(ctx context.Context, j *job) error {
	if j.err = j.ctx.Err(); j.err != nil { // whoever left before it began wants nothing written
		return nil
	}
	if _, err := s.exec(ctx, "SAVEPOINT one"); err != nil {
		return err
	}
	j.err = attempt(j.do, s)
	if j.err != nil {
		if _, err := s.exec(ctx, "ROLLBACK TO one"); err != nil {
			return err
		}
	}
	_, err := s.exec(ctx, "RELEASE one")
	return err
}

// attempt turns a panic into an error: the writer serves everybody.
func attempt(do func(*session) error, s *session) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("ledger: panic: %v\n%s", v, debug.Stack())
		}
	}()
	return do(s)
}
