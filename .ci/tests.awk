# Reads what "go test -v" prints, on several packages, with a last line that says how
# go ended: "ended N". Prints a line for each package, whatever a failed one said, and
# at the end what was skipped, why, and how many tests passed. Exits as go did.

function flush() { printf "%s", said; said = "" }

# A test's log comes before its verdict, and "===" says whose log follows.
/^=== (RUN|NAME|CONT) / { current = $3; next }
/^=== / { next }
/^ *[A-Za-z0-9_]+\.go:[0-9]+: / { word[current] = $0; sub(/^ *[A-Za-z0-9_]+\.go:[0-9]+: /, "", word[current]) }
# A script's log is a copy of the script, down to the line that skipped it.
/^ *> .*skip '.*'$/ { word[current] = $0; sub(/^.*skip '/, "", word[current]); sub(/'$/, "", word[current]) }

/^ *--- PASS: / { passed++; next }
/^ *--- FAIL: / { failed++ }
/^ *--- SKIP: / {
	skips[++skipped] = $3
	whys[skipped] = ($3 in word) ? word[$3] : $0
	sub(/^ *--- SKIP: [^ ]+ /, "", whys[skipped])
	next
}
/^PASS$/ || /\[no test files\]$/ || /^testing: warning: no tests to run$/ { next }
/^ended [0-9]+$/ { code = $2; next }

# A package's end.
/^ok  \t/ {
	said = ""
	print
	for (; named < skipped; ) skips[++named] = $2 " " skips[named]
	next
}
/^FAIL\t/ {
	flush()
	print
	broken = 1
	for (; named < skipped; ) skips[++named] = $2 " " skips[named]
	next
}
/^(build|vet|test) [a-z0-9]+\/[a-z0-9]+$/ { print; next } # the Makefile's own
{ said = said $0 "\n" }

END {
	flush() # of a package that never came to its end, or of go itself
	if (skipped) {
		print "\nskipped:"
		for (i = 1; i <= skipped; i++) print "  " skips[i] ": " whys[i]
	}
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit code != "" ? code : 1
}
