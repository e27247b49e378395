# shellcheck shell=bash
# What happens inside of the machine of a story: at the first boot it goes down as the
# kernel's command line says, at the next one it says why.
story=$(sed 's/.*story=\([a-z]*\).*/\1/' /proc/cmdline)
if [ -e /var/begun ]; then
	# Evidence that comes late is told with a heartbeat: one of 10 s after takeoff.
	boot=$(cat /proc/sys/kernel/random/boot_id)
	until flightrec dump --json 2>/dev/null | grep -q "\"boot\":\"$boot\".*\"elapsed_ns\":[1-9][0-9]\{10\}"; do
		sleep 2
	done
	flightrec why
	flightrec dump --json | tail -n 1 | cut -c 1-1500
	echo '=== END'
	sleep 1000
fi
touch /var/begun
if [ "$story" = watchdog ]; then
	exec 3>/dev/watchdog0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		echo >&3
		sleep 2
	done
else
	until [ "$(flightrec verify 2>/dev/null | sed -n 's/.* \([0-9]*\) heartbeats.*/\1/p')" -ge 6 ] 2>/dev/null; do
		sleep 2
	done
fi
sync
case $story in
panic | panictext) echo c >/proc/sysrq-trigger ;;
panicoom)
	sysctl -q vm.panic_on_oom=1 2>/dev/null || echo 1 >/proc/sys/vm/panic_on_oom
	sleep 10
	tail /dev/zero
	;;
watchdog) sleep 1000 ;; # nobody feeds it
oomkill)
	(echo 1000 >/proc/self/oom_score_adj && exec tail /dev/zero)
	sleep 12
	echo '=== CUT'
	sleep 1000
	;;
power)
	echo '=== CUT'
	sleep 1000
	;;
reset) echo b >/proc/sysrq-trigger ;;
reboot) systemctl reboot ;;
poweroff)
	echo '=== CUT'
	systemctl poweroff
	;;
kexec)
	kexec -l /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline
	systemctl kexec
	;;
killed)
	systemctl kill -s KILL flightrec
	systemctl stop flightrec
	systemctl reboot
	;;
esac
