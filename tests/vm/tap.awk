# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Makes one TAP list of those of a guest's suites. kernel: what each test is marked with. A suite
# that ends badly without a failed test has crashed; one that says nothing has not run; and where the
# end is missing, the guest has died: all are failures. What a suite says beside its results is
# shown where it failed. A guest that was booted again after its death begins with the suite that it
# died in. At the end it is told which of the suites took long.
function result(words, name) {
	print words " - " kernel " " name
	if (words != "ok")
		bad++
}

function end_suite(status) {
	if (!results || (status != 0 && !bad))
		result("not ok", suite ": ended with status " status)
	if (bad)
		printf "%s", said
	suite = said = ""
}

{ sub(/\r$/, "") }
/^# suite .* begins$/ { suite = $3; results = bad = 0; said = ""; next }
/^# suite .* has a second try$/ { print "# " kernel " " $3 " had a second try"; next }
/^# at first: not ok/ { print "# " kernel " " suite " " substr($0, 3) }
/^# guest died$/ {
	print "# " kernel " died in " (suite ? suite : "no suite") " and was booted again"
	suite = said = ""
	next
}
/^# console: / { sub(/^# console: /, ""); print "# " kernel " console: " $0; next }
/^# suite .* took/ {
	if ($5 >= 30)
		slow = slow ", " $3 " " $5 " s"
	next
}
/^# suite .* ends with status/ { end_suite($NF); next }
/^# guest ended/ { ended = 1; next }
/^(not )?ok [0-9]+ - / {
	words = /^not/ ? "not ok" : "ok"
	results++
	sub(/^(not )?ok [0-9]+ - /, "")
	result(words, suite " " $0)
	next
}
/^[0-9]+\.\.[0-9]+$/ || /^# (not )?ok - / { next }
{ sub(/^# */, ""); said = said "# " kernel " " suite ": " $0 "\n" }
END {
	if (slow)
		print "# " kernel ": " substr(slow, 3)
	if (!ended) {
		printf "%s", said
		result("not ok", "the guest died" (suite ? " in " suite : ""))
	} else if (suite) {
		end_suite("none")
	}
	exit !ended
}
