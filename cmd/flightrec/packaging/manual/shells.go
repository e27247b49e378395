package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// spelled returns a flag as it is offered: its short names, and its first long one.
func (f *flag) spelled() (names []string) {
	for _, short := range f.short {
		names = append(names, "-"+short)
	}
	if len(f.long) > 0 {
		names = append(names, "--"+f.long[0])
	}
	return names
}

// everySpelling returns all names of a flag, as they may be typed.
func (f *flag) everySpelling() (names []string) {
	for _, name := range slices.Concat(f.short, f.long) {
		if len(name) > 1 {
			names = append(names, "-"+name) // as package flag takes it
		}
		names = append(names, strings.Repeat("-", min(len(name), 2))+name)
	}
	return names
}

// helpWords are what help explains.
func (p *Program) helpWords() (words [][2]string) {
	for _, c := range p.App.Commands {
		words = append(words, [2]string{c.Name, c.Usage})
	}
	for _, t := range p.Topics {
		words = append(words, [2]string{t.Name, t.Usage})
	}
	return words
}

func takesDumps(c *cli.Command) bool { return strings.HasPrefix(c.ArgsUsage, "[dump") }

// bash returns a completion for bash. It needs nothing of the package bash-completion,
// which only finds it.
func (p *Program) bash() string {
	w := &strings.Builder{}
	fmt.Fprintf(w, `# bash completion for %[1]s
_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=
	COMPREPLY=()
	# Readline takes --flag=value for three words.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W %[2]s -- "$cur"))
		return
	fi
	case "${COMP_WORDS[1]} $prev" in
`, p.App.Name, quoted(strings.Join(commandNames(p.App), " ")+" --help --version"))
	for _, c := range p.App.Commands {
		for _, f := range all(c) {
			if f.value == "" {
				continue
			}
			var patterns []string
			for _, name := range f.everySpelling() {
				patterns = append(patterns, `"`+c.Name+" "+name+`"`)
			}
			fmt.Fprintf(w, "\t%s)\n\t\t%s\n\t\treturn\n\t\t;;\n", strings.Join(patterns, " | "), p.bashValue(f))
		}
	}
	fmt.Fprint(w, "\tesac\n\tcase ${COMP_WORDS[1]} in\n")
	for _, c := range p.App.Commands {
		var words []string
		for _, f := range all(c) {
			words = append(words, f.spelled()...)
		}
		if c.Name == "help" {
			for _, word := range p.helpWords() {
				words = append(words, strings.ReplaceAll(word[0], " ", `\ `))
			}
		}
		fmt.Fprintf(w, "\t%s) words=%s ;;\n", strings.Join(c.Names(), " | "), quoted(strings.Join(words, " ")))
	}
	fmt.Fprint(w, "\tesac\n")
	var readers []string
	for _, c := range p.App.Commands {
		if takesDumps(c) {
			readers = append(readers, c.Names()...)
		}
	}
	fmt.Fprintf(w, `	case ${COMP_WORDS[1]} in
	%s) [[ $cur == -* ]] || return ;; # Readline completes files.
	*) compopt +o default 2>/dev/null ;;
	esac
	local IFS=$'\n'
	COMPREPLY=($(IFS=' ' && compgen -W "$words" -- "$cur"))
}
complete -o default -F _%[2]s %[2]s
`, strings.Join(readers, " | "), p.App.Name)
	return w.String()
}

// bashValue returns what offers the values of a flag.
func (p *Program) bashValue(f flag) string {
	switch words := p.Words[f.value]; {
	case words != nil:
		return fmt.Sprintf(`COMPREPLY=($(compgen -W %s -- "$cur"))`, quoted(strings.Join(words, " ")))
	case f.value == "DIR":
		return "compopt +o default -o dirnames 2>/dev/null"
	case f.value == "FILE":
		return ": # Readline completes files."
	case f.value == "HOST":
		return `COMPREPLY=($(compgen -A hostname -- "$cur"))`
	}
	return "compopt +o default 2>/dev/null"
}

func commandNames(app *cli.App) (names []string) {
	for _, c := range app.Commands {
		names = append(names, c.Name)
	}
	return names
}

// zsh returns a completion for zsh.
func (p *Program) zsh() string {
	w := &strings.Builder{}
	fmt.Fprintf(w, "#compdef %[1]s\n\n_%[1]s() {\n\tlocal -a said\n\tif ((CURRENT == 2)); then\n\t\tsaid=(\n", p.App.Name)
	for _, c := range p.App.Commands {
		fmt.Fprintf(w, "\t\t\t%s\n", quoted(colons.Replace(c.Name)+":"+c.Usage))
	}
	fmt.Fprintf(w, "\t\t)\n\t\t_describe command said\n\t\t_arguments '--help[show help]' '--version[print the version]'\n\t\treturn\n\tfi\n")
	fmt.Fprint(w, "\tlocal command=$words[2]\n\tshift words\n\t((CURRENT--))\n\tcase $command in\n")
	for _, c := range p.App.Commands {
		fmt.Fprintf(w, "\t%s)\n", strings.Join(c.Names(), "|"))
		if c.Name == "help" {
			fmt.Fprint(w, "\t\tsaid=(\n")
			for _, word := range p.helpWords() {
				fmt.Fprintf(w, "\t\t\t%s\n", quoted(colons.Replace(word[0])+":"+word[1]))
			}
			fmt.Fprint(w, "\t\t)\n\t\t_describe topic said\n\t\t;;\n")
			continue
		}
		fmt.Fprint(w, "\t\t_arguments \\\n")
		for _, f := range all(c) {
			fmt.Fprintf(w, "\t\t\t%s \\\n", p.zshFlag(f))
		}
		if takesDumps(c) {
			fmt.Fprint(w, "\t\t\t'*:dump:_files'\n")
		} else {
			fmt.Fprint(w, "\t\t\t'*: :'\n")
		}
		fmt.Fprint(w, "\t\t;;\n")
	}
	fmt.Fprintf(w, "\tesac\n}\n\n_%[1]s \"$@\"\n", p.App.Name)
	return w.String()
}

var (
	colons   = strings.NewReplacer(":", `\:`)
	brackets = strings.NewReplacer(":", `\:`, "[", `\[`, "]", `\]`)
)

// zshFlag returns a flag as _arguments takes it.
func (p *Program) zshFlag(f flag) string {
	names := f.spelled()
	says := "[" + brackets.Replace(f.usage) + "]"
	if f.value != "" {
		says += ":" + colons.Replace(f.value) + ":" + p.zshValue(f)
	}
	once := "*"
	if !f.repeatable {
		once = "(" + strings.Join(names, " ") + ")"
	}
	var specs []string
	for _, name := range names {
		if f.value != "" && strings.HasPrefix(name, "--") {
			name += "="
		}
		specs = append(specs, quoted(once+name+says))
	}
	return strings.Join(specs, " ")
}

func (p *Program) zshValue(f flag) string {
	switch words := p.Words[f.value]; {
	case words != nil:
		return "(" + strings.Join(words, " ") + ")"
	case f.value == "DIR":
		return "_files -/"
	case f.value == "FILE":
		return "_files"
	case f.value == "HOST":
		return "_hosts"
	}
	return " "
}

// fish returns a completion for fish.
func (p *Program) fish() string {
	w := &strings.Builder{}
	fmt.Fprintf(w, `# fish completion for %[1]s
function __%[1]s_command -d 'whether the command is one of these; none stands for no command yet'
    set -l words (commandline -opc)
    if test (count $words) -lt 2
        contains none $argv
    else
        contains -- $words[2] $argv
    end
end
complete -c %[1]s -f
complete -c %[1]s -n '__%[1]s_command none' -s h -l help -d 'show help'
complete -c %[1]s -n '__%[1]s_command none' -s v -l version -d 'print the version'
`, p.App.Name)
	for _, c := range p.App.Commands {
		fmt.Fprintf(w, "complete -c %s -n '__%[1]s_command none' -a %s -d %s\n", p.App.Name, c.Name, fishQuoted(c.Usage))
	}
	for _, c := range p.App.Commands {
		start := fmt.Sprintf("complete -c %s -n '__%[1]s_command %s'", p.App.Name, strings.Join(c.Names(), " "))
		if takesDumps(c) {
			fmt.Fprintf(w, "%s -F\n", start)
		}
		if c.Name == "help" {
			for _, word := range p.helpWords() {
				fmt.Fprintf(w, "%s -a %s -d %s\n", start, fishQuoted(strings.ReplaceAll(word[0], " ", `\ `)), fishQuoted(word[1]))
			}
		}
		for _, f := range all(c) {
			line := start
			for _, short := range f.short {
				line += " -s " + short
			}
			if len(f.long) > 0 {
				line += " -l " + f.long[0]
			}
			fmt.Fprintf(w, "%s%s -d %s\n", line, p.fishValue(f), fishQuoted(f.usage))
		}
	}
	return w.String()
}

func (p *Program) fishValue(f flag) string {
	switch words := p.Words[f.value]; {
	case f.value == "":
		return ""
	case words != nil:
		return " -x -a " + fishQuoted(strings.Join(words, " "))
	case f.value == "DIR":
		return " -x -a '(__fish_complete_directories)'"
	case f.value == "FILE":
		return " -r -F"
	case f.value == "HOST":
		return " -x -a '(__fish_print_hostnames)'"
	}
	return " -x"
}

// fishQuoted returns a text in single quotes, as fish reads it.
func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
