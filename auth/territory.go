package auth

// Territory is where a partner may act: at the places of these départements, and at these places. The zero value is
// everywhere.
type Territory struct {
	Departments []string `json:"departements,omitempty"` // codes: 26, 2A, 974
	Places      []string `json:"lieux,omitempty"`        // ids, or aliases
}

// Everywhere reports whether it bounds nothing.
func (t Territory) Everywhere() bool { return len(t.Departments)+len(t.Places) == 0 }
