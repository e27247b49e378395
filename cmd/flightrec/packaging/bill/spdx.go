package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// The part of SPDX 2.3 that is written here: https://spdx.github.io/spdx-spec/v2.3/
type document struct {
	SPDXVersion   string         `json:"spdxVersion"`
	DataLicense   string         `json:"dataLicense"`
	SPDXID        string         `json:"SPDXID"`
	Name          string         `json:"name"`
	Namespace     string         `json:"documentNamespace"`
	CreationInfo  creationInfo   `json:"creationInfo"`
	Packages      []spdxPackage  `json:"packages"`
	Relationships []relationship `json:"relationships"`
}

type creationInfo struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	SPDXID           string        `json:"SPDXID"`
	Name             string        `json:"name"`
	Version          string        `json:"versionInfo"`
	DownloadLocation string        `json:"downloadLocation"`
	FilesAnalyzed    bool          `json:"filesAnalyzed"`
	LicenseConcluded string        `json:"licenseConcluded"`
	LicenseDeclared  string        `json:"licenseDeclared"`
	CopyrightText    string        `json:"copyrightText"`
	Purpose          string        `json:"primaryPackagePurpose"`
	ExternalRefs     []externalRef `json:"externalRefs,omitempty"`
}

type externalRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

const (
	documentID  = "SPDXRef-DOCUMENT"
	programID   = "SPDXRef-flightrec"
	noAssertion = "NOASSERTION"
	licence     = "MIT" // as the README has it
)

// newDocument returns the bill of flightrec at a version.
func newDocument(version string, date time.Time, modules []*module) document {
	d := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: documentID, Name: "flightrec-" + version,
		CreationInfo: creationInfo{date.Format(time.RFC3339), []string{"Tool: flightrec-bill"}},
		Packages: []spdxPackage{{
			SPDXID: programID, Name: "flightrec", Version: version, DownloadLocation: noAssertion,
			LicenseConcluded: licence, LicenseDeclared: licence, CopyrightText: noAssertion, Purpose: "APPLICATION",
		}},
		Relationships: []relationship{{documentID, "DESCRIBES", programID}},
	}
	sum := sha256.New()
	fmt.Fprintln(sum, version)
	for i, m := range modules {
		id := fmt.Sprintf("SPDXRef-module-%d", i+1)
		purl := fmt.Sprintf("pkg:golang/%s@%s", m.Path, m.Version)
		location := noAssertion
		if m.Path != "stdlib" {
			location = fmt.Sprintf("https://proxy.golang.org/%s/@v/%s.zip", escaped(m.Path), escaped(m.Version))
		}
		terms := strings.Join(m.ids, " AND ")
		d.Packages = append(d.Packages, spdxPackage{
			SPDXID: id, Name: m.Path, Version: m.Version, DownloadLocation: location,
			LicenseConcluded: terms, LicenseDeclared: terms, CopyrightText: noAssertion, Purpose: "LIBRARY",
			ExternalRefs: []externalRef{{"PACKAGE-MANAGER", "purl", purl}},
		})
		d.Relationships = append(d.Relationships, relationship{id, "STATIC_LINK", programID})
		fmt.Fprintln(sum, purl)
	}
	// A document's namespace is unique to its content.
	d.Namespace = fmt.Sprintf("https://spdx.org/spdxdocs/flightrec-%s-%x", version, sum.Sum(nil)[:16])
	return d
}

// escaped writes a capital letter as the module proxy wants it, "!" and the small one.
func escaped(path string) string {
	var b strings.Builder
	for _, r := range path {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('!')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
