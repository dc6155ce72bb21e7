package booking

// ConnectorState says how the agendas of one connector stand.
type ConnectorState struct {
	Name string
	Reading
	Breakers map[Breaker]int // of the hosts that they are reached at
}

// Connectors lists every connector of the program with the state of its agendas.
func (s *Service) Connectors() []ConnectorState {
	names, agendas := s.Agendas.Connectors(), s.Agendas.All()
	read := s.Availability.Readings(agendas)
	out := make([]ConnectorState, len(names))
	for i, name := range names {
		out[i] = ConnectorState{Name: name, Reading: read[name], Breakers: make(map[Breaker]int)}
		hosts := Hosts(agendas, name)
		for _, b := range s.Breakers(hosts) {
			out[i].Breakers[b]++
		}
	}
	return out
}
