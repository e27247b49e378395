package clock

// Source is what told whether the wall clock is synchronised, as heartbeats and dumps
// spell it. Journals may hold others: older and newer recorders, other tools.
type Source string

const (
	SourceNone       Source = ""                        // nothing could tell
	SourceAdjtimex   Source = "adjtimex"                // adjtimex(2), Linux
	SourceNTPGettime Source = "ntp_gettime"             // ntp_gettime(2), the BSDs
	SourceNTPAdjtime Source = "ntp_adjtime"             // ntp_adjtime(2), macOS
	SourceWindows    Source = "GetSystemTimeAdjustment" // that function, Windows
	SourceSNTP       Source = "sntp"                    // an NTP server that the recorder asked
	SourceTrust      Source = "trust"                   // the user: record --clock trust
	SourceDistrust   Source = "distrust"                // the user: record --clock distrust
)
