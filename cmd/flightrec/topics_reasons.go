package main

const reasonsTopic = `Why a machine went down

flightrec writes down what tells how a machine went down: at each boot what the
firmware, the kernel and the system found, and with heartbeats how the machine
was. It needs no root for that. 'flightrec why' shows it; a report has the
reason in brackets, as in: crash (under-voltage).

  proven  somebody says so who must know
  likely  it fits what was found; a list says (under-voltage, likely), a table
          under-voltage?
Without either, a crash is a crash: nothing tells why.

Words, as programs get them
  crash,power               the power was cut
  crash,power,undervoltage  it was too low; also overvoltage, overcurrent
  crash,panic               the kernel gave up; crash,panic,oom for lack of
                            memory
  crash,watchdog            it hung, and a watchdog reset it
  crash,thermal             it was too hot
  crash,oom                 it had no memory left, and was not heard of again
  crash,disk                the disk refused what was written
  shutdown,reboot           an order; also poweroff, halt, kexec

What is told where
  Raspberry Pi 5   why its power chip was reset: under-voltage is proven
  Raspberry Pi     whether its power came on, with recent firmware; an alarm of
                   low voltage just before makes that the likely reason
  any board        hangs, where a watchdog guards it; panics, where a record of
                   them outlives the reset; a shutdown before which the recorder
                   was killed, by wtmp; lack of memory, heat, a failing disk, by
                   the last heartbeats
A cut of the power and a reset by its button leave nothing on most boards.

What to switch on
  watchdog     RuntimeWatchdogSec=30 in /etc/systemd/system.conf: a board that
               hangs comes back, and it is told why
  panics       dtoverlay=ramoops in config.txt keeps their record over the
               reset, panic=10 on the kernel's command line makes it come. By
               name and time alone a panic is likely; with
                 systemctl enable --now flightrec-panic.service
               root copies the first lines of records at each boot, and it is
               proven
  pressure     psi=1 on the kernel's command line tells what waits for memory

flightrec why --sources lists what this machine offers at this moment.
`
