// The rows of the fault matrix that are about a journal on disk: what befalls the disk, the files on it, and processes that
// share it.

import type { Fault } from './matrix.ts'

export const JOURNAL_FAULTS: readonly Fault[] = [
  {
    number: 'F14',
    fault: 'The disk of the journal is full, or has no room for another segment; a file may not grow any more',
    provoked:
      'a small file system of its own, where root may have one; calls to the system that answer so; a limit on the size of files',
    holds:
      'the app does not notice; what it logs is delivered from memory, with one warning; a few seconds after there is room it is on disk again; nothing on it is torn',
    judged: 'process',
  },
  {
    number: 'F15',
    fault: 'The disk answers with errors, when a segment is begun, written, read, or brought to the device',
    provoked: 'calls to the system that fail',
    holds:
      'nothing is lost: what could not be written waits in memory and is written anew, what could not be read is read again',
    judged: 'process',
  },
  {
    number: 'F16',
    fault: "The journal's directory is read-only, a file, below a file, missing, or removed while it is used",
    provoked: 'a read-only file system, or calls that answer so; files; a removal',
    holds:
      'the start takes at most 50 ms, one warning says why, nothing is lost while the collector is healthy; a directory that is missing, or was removed, is made',
    judged: 'process',
  },
  {
    number: 'F17',
    fault: 'A segment is cut anywhere',
    provoked: 'copies of a segment, cut',
    holds: 'every whole frame is delivered, a torn one is counted, and nothing stops',
    judged: 'process',
  },
  {
    number: 'F18',
    fault: 'A byte of a segment is wrong; a segment is empty, zeroed, of another version, or none',
    provoked: 'copies of a segment, damaged; files of others',
    holds: 'every other frame is delivered, none that is not what was logged; files of others stay',
    judged: 'process',
  },
  {
    number: 'F19',
    fault: 'Power is lost',
    provoked: 'dropping, cutting and reordering all that was not brought to the device; counted calls to the system',
    holds:
      'what was brought to the device is there, and what was undelivered for half a second longer than it should be was; a healthy collector costs no such call',
    judged: 'process',
  },
  {
    number: 'F20',
    fault: 'An outage in which ten times the quota is logged, by one process or by many; records that grow too old',
    provoked: 'a small quota; a clock in a hurry',
    holds:
      'never more disk than the quota and one file, looked at every 10 ms; every loss is counted as `journal_full` or `expired`, and announced; within the quota nothing is lost, memory is bounded, and what is logged after it does not wait for what piled up',
    judged: 'process',
  },
  {
    number: 'F21',
    fault: 'A start that finds a backlog of 256 MiB, or of a GiB',
    provoked: 'a process that nobody listened to',
    holds:
      'the start takes at most 250 ms, new lines arrive within 5 s (p95) and do not hold up the old ones, which come in their order',
    judged: 'process',
  },
  {
    number: 'F22',
    fault: 'A journal that somebody has prepared: links, pipes, devices, folders of others or open to them',
    provoked: 'such files, made before the start',
    holds:
      'refused at once with one warning, or passed over; nothing is read or written through a link, nothing blocks; own files are 0600 and folders 0700, whatever the umask',
    judged: 'process',
  },
  {
    number: 'F23',
    fault: 'kill -9 at random',
    provoked: 'SIGKILL up to 300 ms after the first line, again and again',
    holds:
      'a line whose log call had returned is never lost on the thread of the app, behind a worker only what had not reached it; one batch at most comes twice for each kill; the next process delivers the rest, with the resource of the dead one',
    judged: 'process',
  },
  {
    number: 'F24',
    fault:
      'kill -9 between an answer and its note, in a write, when a segment is begun or removed, while a folder is adopted, while what piled up is set aside, at the end',
    provoked: 'a process that kills itself at the n-th such call to the system',
    holds: 'nothing is lost, one batch at most comes twice for each kill, the next start is clean',
    judged: 'process',
  },
  {
    number: 'F25',
    fault: 'Eight cluster workers and two apps share a journal and are killed; three processes race for what they left',
    provoked: 'processes that start at once',
    holds:
      'every line arrives once, nothing is left over; with the resource, scope and encoding it was written with, and only at the same endpoint and for the same tenant',
    judged: 'process',
  },
  {
    number: 'F26',
    fault: 'A process that lives looks dead: stopped, blocked, in other namespaces, seen by a clock a year ahead',
    provoked: 'SIGSTOP; a blocked loop; `unshare`; a clock of the test',
    holds: 'it is never adopted while it lives',
    judged: 'process',
  },
]
