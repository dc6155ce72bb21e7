// Package config reads one YAML file and the PASSERELLE_* environment variables into one validated struct, and
// reports every problem at once, in French, with the faulty key and where it stands.
//
// It owns the names of the keys, their defaults and their bounds: they stand on the fields of Config, and the file,
// the variables, the checks and the test of docs/configuration.md all follow them. It imports nothing of ours: what
// a connector's settings, opening hours or services mean is judged by the rooms that use them. It opens nothing
// itself and keeps no global state: the environment and the files are handed in.
package config
