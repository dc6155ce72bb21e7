package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
)

// occurrence is a line of "calendar events"; times are Unix seconds.
type occurrence struct {
	Start       int64  `json:"start"`
	End         int64  `json:"end"`
	UID         string `json:"uid"`
	Summary     string `json:"summary"`
	Transparent bool   `json:"transparent"`
}

func (p program) calendar(ctx context.Context, args []string) error {
	return p.action(ctx, "calendar", args, map[string]func(context.Context, []string) error{
		"events": p.calendarEvents, "explain": p.calendarExplain,
	})
}

func (p program) calendarEvents(_ context.Context, args []string) error {
	f := p.flags("calendar events", "[--from T] [--to T] [--zone Z] FICHIER…", `Lit des fichiers iCalendar et écrit une ligne de JSON par occurrence, dans l'ordre. Les événements annulés sont omis ;
les transparents sont montrés. Une dernière ligne, sur la sortie d'erreur, dit si tout a été compris.`)
	w := windowOf(f)
	if err := parse(f, args, 1, -1); err != nil {
		return err
	}
	window, zone, err := w.read(p.now())
	if err != nil {
		return err
	}
	for _, path := range f.Args() {
		c, err := readCalendar(path, window, zone)
		if err != nil {
			return err
		}
		for _, o := range c.Occurrences {
			if err := p.line(occurrence{o.Start, o.End, o.UID, o.Summary, o.Transparent}); err != nil {
				return err
			}
		}
		fmt.Fprintln(p.err, verdict(c))
	}
	return nil
}

func readCalendar(path string, window interval.Interval, zone *time.Location) (*icalendar.Calendar, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := icalendar.Read(data, window, icalendar.Options{Zone: zone})
	switch {
	case errors.Is(err, icalendar.ErrNoCalendar):
		return nil, fmt.Errorf("%s : ce n'est pas un calendrier iCalendar", path)
	case errors.Is(err, icalendar.ErrTooLarge):
		return nil, fmt.Errorf("%s : trop grand pour être lu", path)
	}
	return c, err
}

// verdict is "complete", or "degraded" and how much is doubtful.
func verdict(c *icalendar.Calendar) string {
	counts := fmt.Sprintf("%d occurrences, %d lignes et %d événements écartés", len(c.Occurrences), c.Skipped.Lines, c.Skipped.Events)
	if c.Complete() {
		return "complete : " + counts
	}
	return fmt.Sprintf("degraded : %s, %d doutes", counts, len(c.Doubt))
}

func (p program) calendarExplain(_ context.Context, args []string) error {
	f := p.flags("calendar explain", "[--from T] [--to T] [--zone Z] FICHIER", "Dit ce qui a été compris d'un fichier iCalendar, ce qui a été écarté, et pourquoi chaque jour est occupé.")
	w := windowOf(f)
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	window, zone, err := w.read(p.now())
	if err != nil {
		return err
	}
	c, err := readCalendar(f.Arg(0), window, zone)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s\n", verdict(c))
	for _, r := range c.Skipped.Remarks {
		fmt.Fprintf(p.out, "  ligne %d : %s\n", r.Line, r.Text)
	}
	for _, d := range c.Doubt {
		fmt.Fprintf(p.out, "  doute du %s au %s : %s\n", day(d.StartTime(), zone), day(d.EndTime(), zone), d.Reason)
	}
	p.explainDays(c, zone)
	return nil
}

// explainDays lists, day by day, what takes time, what offers it, and what does neither.
func (p program) explainDays(c *icalendar.Calendar, zone *time.Location) {
	last := ""
	for _, o := range c.Occurrences {
		start := o.StartTime().In(zone)
		if today := start.Format("02/01/2006"); today != last {
			fmt.Fprintf(p.out, "%s\n", today)
			last = today
		}
		fmt.Fprintf(p.out, "  %s → %s  %s : %s\n", start.Format("15:04"), day(o.EndTime(), zone), meaning(o), o.Summary)
	}
	for _, period := range c.Periods {
		fmt.Fprintf(p.out, "  %s → %s  %s\n", day(period.StartTime(), zone), day(period.EndTime(), zone), meaningOf(period.Meaning))
	}
}

func day(t time.Time, zone *time.Location) string { return t.In(zone).Format("02/01/2006 15:04") }

func meaning(o icalendar.Occurrence) string {
	if o.Transparent && o.Meaning == icalendar.Free {
		return "libre (marqué transparent)"
	}
	return meaningOf(o.Meaning)
}

func meaningOf(m icalendar.Meaning) string {
	switch m {
	case icalendar.Free:
		return "libre"
	case icalendar.Open:
		return "ouvert"
	}
	return "occupé"
}
