package blackbox

import (
	"fmt"
	"path"
	"strings"

	"flightrec/journal"
)

// zone is a thermal zone.
type zone struct {
	dir      string
	critical int64 // its critical temperature in thousandths of °C; 0 where there is none
}

// zones tells the critical temperature of each thermal zone that has one. Those of radios
// and drives are left alone: reading them wakes the device.
func zones(b *Box) (all []string) {
	var found []zone
	for _, dir := range b.glob("sys/class/thermal/thermal_zone*") {
		kind := b.text(path.Join(dir, "type"))
		if strings.Contains(kind, "wifi") || strings.Contains(kind, "nvme") || strings.Contains(kind, "wwan") {
			continue
		}
		z := zone{dir: dir}
		for _, trip := range b.glob(path.Join(dir, "trip_point_*_type")) {
			if b.text(trip) == "critical" {
				z.critical, _ = number(b.text(strings.TrimSuffix(trip, "type") + "temp"))
			}
		}
		if z.critical > 0 {
			all = append(all, fmt.Sprintf("%s critical=%d", kind, z.critical/1000))
		}
		found = append(found, z)
	}
	b.find(func(p *places) { p.zones = found })
	return all
}

// temperature tells how hot the hottest zone is, and how far the nearest one is from its
// critical temperature: what is further off than 20 °C is all the same.
func temperature(b *Box) (all []journal.Value) {
	var hottest, nearest *int64
	for _, z := range b.found().zones {
		n, ok := number(b.vital(path.Join(z.dir, "temp")))
		if !ok {
			continue // some fail while what they measure is off
		}
		n /= 1000
		if hottest == nil || *hottest < n {
			hottest = &n
		}
		if room := z.critical/1000 - n; z.critical > 0 && (nearest == nil || *nearest > room) {
			nearest = &room
		}
	}
	if hottest != nil {
		all = append(all, journal.Value{Vital: journal.VitalTemperature, N: *hottest})
	}
	if nearest != nil {
		all = append(all, journal.Value{Vital: journal.VitalHeadroom, N: min(*nearest, 20)})
	}
	return all
}
