package config

import (
	"encoding/json"

	"github.com/goccy/go-yaml/ast"
)

// settings turns what belongs to a connector into JSON, unread.
func (r *reader) settings(path string, node ast.Node) json.RawMessage {
	if _, ok := node.(*ast.MappingNode); !ok {
		r.reportNode(path, node, "un groupe de clés est attendu")
		return nil
	}
	data, err := json.Marshal(r.opaque(path, node, 0))
	if err != nil {
		r.reportNode(path, node, "ces paramètres ne peuvent pas être transmis au connecteur")
		return nil
	}
	return data
}

// deepestSettings is how deep a connector's settings may nest: an anchor that contains its own alias has no end.
const deepestSettings = 16

func (r *reader) opaque(path string, node ast.Node, depth int) any {
	if depth > deepestSettings {
		r.reportNode(path, node, "ces paramètres sont trop imbriqués")
		r.visited = mostNodes // one such branch multiplies: nothing more is read
		return nil
	}
	switch n := r.plain(path, node).(type) {
	case *ast.MappingNode:
		entries := make(map[string]any, len(n.Values))
		for _, entry := range n.Values {
			key := nameOf(entry.Key)
			at := join(path, key)
			if _, twice := entries[key]; twice || entry.Key.IsMergeKey() {
				r.reportNode(at, entry.Key, "cette clé est écrite deux fois, ou fusionne (<<) : écrivez chaque clé une fois")
				continue
			}
			entries[key] = r.opaque(at, entry.Value, depth+1)
		}
		return entries
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, entry := range n.Values {
			list[i] = r.opaque(index(path, i), entry, depth+1)
		}
		return list
	case *ast.IntegerNode:
		return n.Value
	case *ast.FloatNode:
		return n.Value
	case *ast.BoolNode:
		return n.Value
	case nil:
		return nil
	default:
		if text, ok := scalar(n); ok {
			return text
		}
		r.reportNode(path, n, "cette valeur ne peut pas être transmise au connecteur")
		return nil
	}
}
