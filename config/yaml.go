package config

import (
	"bytes"
	"errors"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	byteOrderMark = "\ufeff"
	largestFile   = 4 << 20 // bytes
	mostNodes     = 200_000 // values visited, aliases followed: some thousand agendas
)

// document parses a file of one YAML document. False: there is none, or it was refused.
func (r *reader) document(data []byte) (root ast.Node, ok bool) {
	if len(data) > largestFile {
		r.report("", "le fichier dépasse 4 Mo")
		return nil, false
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	// A key that stands twice is ours to report, with all the others.
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.unreadable(err)
		return nil, false
	}
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType {
			continue
		}
		if root != nil {
			r.reportNode("", doc.Body, "le fichier contient plusieurs documents YAML : un seul est lu")
			return nil, false
		}
		root = doc.Body
	}
	return root, root != nil
}

// unreadable reports where the text stops being YAML. What the parser says of it may quote a secret.
func (r *reader) unreadable(err error) {
	p := Problem{Reason: "le texte n'est plus du YAML à cet endroit : vérifiez le retrait, les deux-points et les guillemets"}
	if at, ok := errors.AsType[yaml.Error](err); ok && at.GetToken() != nil {
		p.Line, p.Column = at.GetToken().Position.Line, at.GetToken().Position.Column
	}
	r.add(p)
}

func (r *reader) reportNode(path string, node ast.Node, reason string) {
	r.wrong[path] = true
	at := positionOf(node)
	r.add(Problem{Key: path, Line: at.line, Column: at.column, Reason: reason})
}

func positionOf(node ast.Node) source {
	switch n := node.(type) { // the token of a mapping in a block is its first colon
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			node = n.Values[0].Key
		}
	case *ast.MappingValueNode:
		node = n.Key
	}
	if token := node.GetToken(); token != nil && token.Position != nil {
		return source{line: token.Position.Line, column: token.Position.Column}
	}
	return source{}
}

// plain follows an alias, or takes the value of an anchor. Tags are refused: every type here is known. Nil: the
// value says nothing, or was refused.
func (r *reader) plain(path string, node ast.Node) ast.Node {
	for node != nil {
		if r.visited++; r.visited == mostNodes {
			r.reportNode(path, node, "le fichier contient trop de valeurs")
		}
		if r.visited >= mostNodes {
			return nil
		}
		switch n := node.(type) {
		case *ast.NullNode:
			return nil
		case *ast.AnchorNode:
			r.anchors[nameOf(n.Name)] = n.Value
			node = n.Value
		case *ast.AliasNode:
			value, known := r.anchors[nameOf(n.Value)]
			if !known {
				r.reportNode(path, node, "cet alias ne renvoie à aucune ancre écrite plus haut")
				return nil
			}
			node = value
		case *ast.TagNode:
			r.reportNode(path, node, "les étiquettes YAML (!) ne sont pas acceptées")
			return nil
		case *ast.MappingValueNode:
			return ast.Mapping(n.Start, n.IsFlowStyle, n)
		default:
			return node
		}
	}
	return nil
}

func nameOf(node ast.Node) string {
	if node == nil || node.GetToken() == nil {
		return ""
	}
	return node.GetToken().Value
}

// agendas reads the three shapes of ParseAgendas.
func (r *reader) agendas(root ast.Node, into *[]AgendaSeed) {
	list := field{key: "agendas", value: reflect.ValueOf(into).Elem()}
	switch n := r.plain("", root).(type) {
	case *ast.SequenceNode:
		r.sequence("agendas", n, list)
	case *ast.MappingNode:
		for _, entry := range n.Values {
			if nameOf(entry.Key) == "agendas" {
				r.mapping("", n, []field{list})
				return
			}
		}
		*into = make([]AgendaSeed, 1)
		r.origin["agendas[0]"] = positionOf(n)
		r.mapping("agendas[0]", n, fieldsOf(list.value.Index(0)))
	case nil:
	default:
		r.reportNode("", root, "un agenda, ou une liste d'agendas, est attendu")
	}
}

// mapping reads the entries of a mapping into fields. Every key must be one of them, once.
func (r *reader) mapping(path string, node *ast.MappingNode, fields []field) {
	byKey := make(map[string]field, len(fields))
	known := make([]string, len(fields))
	for i, f := range fields {
		byKey[f.key], known[i] = f, f.key
	}
	seen := make(map[string]bool)
	for _, entry := range node.Values {
		key := nameOf(entry.Key)
		at := join(path, key)
		f, ok := byKey[key]
		switch {
		case entry.Key.IsMergeKey():
			r.reportNode(join(path, "<<"), entry.Key, "la fusion de YAML (<<) n'est pas acceptée : écrivez les clés, ou reprenez une valeur entière par un alias")
		case !ok:
			r.reportNode(at, entry.Key, "clé inconnue ; les clés possibles ici sont : "+strings.Join(known, ", "))
		case seen[key]:
			r.reportNode(at, entry.Key, "cette clé est écrite deux fois")
		default:
			seen[key] = true
			r.value(at, entry, f)
		}
	}
}

// value reads what one entry says. A key without a value says nothing.
func (r *reader) value(path string, entry *ast.MappingValueNode, f field) {
	node := r.plain(path, entry.Value)
	if node == nil {
		return
	}
	r.origin[path] = positionOf(entry.Key)
	r.set(path, node, f)
}

func (r *reader) set(path string, node ast.Node, f field) {
	switch t := f.value.Type(); {
	case isLeaf(t):
		text, ok := scalar(node)
		if !ok {
			r.reportNode(path, node, "une valeur simple est attendue, pas une liste ni un groupe de clés")
		} else if reason := setScalar(f, text); reason != "" {
			r.reportNode(path, node, reason)
		}
	case t == settingsType:
		f.value.Set(reflect.ValueOf(r.settings(path, node)))
	case t.Kind() == reflect.Struct:
		if m, ok := node.(*ast.MappingNode); ok {
			r.mapping(path, m, fieldsOf(f.value))
		} else {
			r.reportNode(path, node, "un groupe de clés est attendu")
		}
	default:
		if s, ok := node.(*ast.SequenceNode); ok {
			r.sequence(path, s, f)
		} else {
			r.reportNode(path, node, "une liste est attendue : une ligne qui commence par « - » pour chaque élément")
		}
	}
}

// sequence reads a list. It replaces what the field held, and an empty element is refused.
func (r *reader) sequence(path string, node *ast.SequenceNode, f field) {
	list := reflect.MakeSlice(f.value.Type(), len(node.Values), len(node.Values))
	for i, entry := range node.Values {
		at := index(path, i)
		r.origin[at] = positionOf(entry)
		if element := r.plain(at, entry); element != nil {
			r.set(at, element, field{f.key, f.tag, list.Index(i)})
		} else if !r.wrong[at] {
			r.reportNode(at, entry, "cet élément de la liste est vide")
		}
	}
	f.value.Set(list)
}

// scalar is the text of a scalar, as it is written: an identifier like 0012 stays what it is.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}
