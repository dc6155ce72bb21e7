package booking

import (
	"fmt"
	"log/slog"
)

// What a person says of herself, or others of her. Printed, formatted or logged in whatever way, it is "[redacted]";
// whoever means the text converts it: string(name). JSON keeps it, for that is how it is sealed and answered.
type (
	// Name is a part of a person's name.
	Name string
	// Phone is a person's number, E.164.
	Phone string
	// Email is a person's address.
	Email string
	// Words are any others: where she lives, what she comes for, why it was cancelled, a page that is hers alone.
	Words string
)

const redacted = "[redacted]"

func (Name) String() string  { return redacted }
func (Phone) String() string { return redacted }
func (Email) String() string { return redacted }
func (Words) String() string { return redacted }

// Format is for every verb of fmt.
func (Name) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt.
func (Phone) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt.
func (Email) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt.
func (Words) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt: of a pointer that it cannot print with a verb, fmt would print what is behind it.
func (Details) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt: her partner's name of her, and her language, are hers too.
func (Beneficiary) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt.
func (Prescriber) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt.
func (Consent) Format(s fmt.State, _ rune) { writeRedacted(s) }

// Format is for every verb of fmt, as that of Details.
func (e Ending) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "{%s %s}", string(e.By), redacted) }

func writeRedacted(s fmt.State) { _, _ = s.Write([]byte(redacted)) }

// LogValue is for log/slog.
func (Name) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Phone) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Email) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Words) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Details) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Beneficiary) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Prescriber) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue is for log/slog.
func (Consent) LogValue() slog.Value { return slog.StringValue(redacted) }
