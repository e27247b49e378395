package manual

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// sections are where topics stand that mdoc(7) has a place and a name for; the others
// follow the commands.
var sections = map[string]string{
	"environment": "ENVIRONMENT",
	"files":       "FILES",
	"exit codes":  "EXIT STATUS",
	"examples":    "EXAMPLES",
}

// seeAlso are manuals of what flightrec leans on or stands beside, in mdoc's order: by
// section, then by name.
var seeAlso = []string{"journalctl 1", "last 1", "tuptime 1", "uprecords 1", "adjtimex 2", "clock_gettime 2", "systemd.time 7", "chronyd 8", "downtimed 8"}

// page returns the manual page in mdoc(7), which both groff and mandoc read.
func (p *Program) page() string {
	w := &mdoc{}
	w.line(".Dd %s", p.Date.Format("January 2, 2006"))
	w.line(".Dt %s 1", strings.ToUpper(p.App.Name))
	w.line(".Os %s", escaped(p.App.Name+" "+p.App.Version))
	w.line(".Sh NAME")
	w.line(".Nm %s", p.App.Name)
	w.line(".Nd %s", escaped(p.App.Usage))
	w.line(".Sh SYNOPSIS")
	for _, c := range p.App.Commands {
		w.synopsis(p, c)
	}
	w.line(".Sh DESCRIPTION")
	w.text(p.App.Description)
	w.line(".Sh COMMANDS")
	for _, c := range p.App.Commands {
		own, _ := p.own(c)
		w.line(".Ss %s %s", p.App.Name, c.Name)
		w.text(c.Description)
		w.flags(own)
	}
	w.line(".Ss Flags of all commands")
	_, shared := p.own(p.App.Commands[0])
	w.flags(shared)
	w.line(".Pp")
	w.line("Without a command,")
	w.line(".Fl \\-version")
	w.line("prints the version.")
	for _, t := range p.Topics {
		if sections[t.Name] == "" {
			w.topic(strings.ToUpper(t.Name), t)
		}
	}
	for _, name := range []string{"environment", "files", "exit codes", "examples"} {
		for _, t := range p.Topics {
			if t.Name == name {
				w.topic(sections[name], t)
			}
		}
	}
	w.line(".Sh SEE ALSO")
	for i, name := range seeAlso {
		if i < len(seeAlso)-1 {
			name += " ,"
		}
		w.line(".Xr %s", name)
	}
	return w.String()
}

// mdoc is a manual page that is being written.
type mdoc struct{ strings.Builder }

func (w *mdoc) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// synopsis writes how a command is called.
func (w *mdoc) synopsis(p *Program, c *cli.Command) {
	w.line(".Nm")
	w.line(".Cm %s", c.Name)
	own, _ := p.own(c)
	for _, f := range own {
		spelled := "Fl " + f.names()[0]
		if f.value != "" {
			spelled += " Ar " + escaped(f.value)
		}
		w.line(".Op %s", spelled)
	}
	if c.ArgsUsage != "" {
		name := strings.Trim(strings.TrimSuffix(c.ArgsUsage, "...]"), "[]")
		w.line(".Op Ar %s", escaped(name)+strings.Repeat(" ...", strings.Count(c.ArgsUsage, "...")))
	}
}

// names returns a flag's names as the arguments of macro Fl, the long ones first.
func (f *flag) names() (names []string) {
	for _, long := range f.long {
		names = append(names, `\-`+escaped(long))
	}
	return append(names, f.short...)
}

// flags writes a list of flags.
func (w *mdoc) flags(list []flag) {
	if len(list) == 0 {
		return
	}
	w.line(".Bl -tag -width Ds")
	for _, f := range list {
		item := "Fl " + strings.Join(f.names(), " , Fl ")
		if f.value != "" {
			item += " Ar " + escaped(f.value)
		}
		w.line(".It %s", item)
		usage := f.usage
		if f.preset != "" {
			usage += " (default: " + f.preset + ")"
		}
		w.paragraph(usage)
	}
	w.line(".El")
}

// topic writes a topic as a section.
func (w *mdoc) topic(section string, t Topic) {
	_, text, _ := strings.Cut(t.Text, "\n") // its title
	w.line(".Sh %s", escaped(section))
	w.text(text)
}

// A line of a list: the item, and its explanation behind two blanks, which a deeper line
// continues.
var (
	itemForm     = regexp.MustCompile(`^( {0,2}\S+(?: \S+)*)(?: {2,}(\S.*))?$`)
	continueForm = regexp.MustCompile(`^ {3,}(\S.*)$`)
)

// text writes headings, paragraphs and lists of items. A heading is a line without a
// full stop right above a list.
func (w *mdoc) text(text string) {
	first := true // a section's first paragraph has no .Pp
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		lines := strings.Split(strings.Trim(paragraph, "\n"), "\n")
		for len(lines) > 0 {
			prose := lines[:span(lines, false)]
			items := lines[len(prose):][:span(lines[len(prose):], true)]
			lines = lines[len(prose)+len(items):]
			switch {
			case len(prose) == 1 && len(items) > 0 && !strings.HasSuffix(prose[0], ":"):
				w.line(".Ss %s", escaped(prose[0]))
			case len(prose) > 0 && !first:
				w.line(".Pp")
				fallthrough
			default:
				w.paragraph(strings.Join(prose, " "))
			}
			w.items(items)
			first = false
		}
	}
}

// span returns how many lines at the beginning are of a list, or are not.
func span(lines []string, list bool) int {
	n := slices.IndexFunc(lines, func(line string) bool { return isItem(line) != list })
	if n < 0 {
		n = len(lines)
	}
	return n
}

// isItem reports whether a line is of a list: it is indented, or what stands in front is
// apart from the rest by two blanks.
func isItem(line string) bool {
	m := itemForm.FindStringSubmatch(line)
	return strings.HasPrefix(line, "  ") || m != nil && m[2] != ""
}

// items writes a list.
func (w *mdoc) items(lines []string) {
	if len(lines) == 0 {
		return
	}
	w.line(".Bl -tag -width Ds")
	var told []string
	for _, line := range lines {
		if m := continueForm.FindStringSubmatch(line); m != nil {
			told = append(told, m[1])
			continue
		}
		w.paragraph(strings.Join(told, " "))
		m := itemForm.FindStringSubmatch(line)
		w.line(".It %s", escaped(strings.TrimSpace(m[1])))
		told = []string{m[2]}
	}
	w.paragraph(strings.Join(told, " "))
	w.line(".El")
}

// pageWidth is how long lines of the page's source are.
const pageWidth = 78

// paragraph writes a text, each sentence on a line of its own or on several.
func (w *mdoc) paragraph(text string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		word = escaped(word)
		switch {
		case line == "":
			line = word
		case strings.ContainsAny(line[len(line)-1:], ".?!"), len(line)+1+len(word) > pageWidth:
			w.line("%s", line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		w.line("%s", line)
	}
}

// escapes are the characters that roff(7) would take for commands, or print as others
// that look alike.
var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "~", `\(ti`, "^", `\(ha`, `"`, `\(dq`)

func escaped(s string) string {
	s = escapes.Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
