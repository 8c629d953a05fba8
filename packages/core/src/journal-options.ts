// What users may ask of the journal: types only, as in options.ts.

/** Where waiting records are kept on disk, so that they survive the process. */
export interface JournalOptions {
  /**
   * The folder of the journal, made with mode 0700; a relative one is below the working directory. Give one on a disk that outlives the
   * process, and that only this user can write to; several processes and apps may share one. It holds log data in plain text.
   * @default none
   */
  directory: string
  /**
   * How many bytes the folder may hold, of all processes that share it. Raise it to survive longer outages.
   * @default 268435456
   */
  maxBytes?: number | undefined
  /**
   * Milliseconds after which records that could not be delivered are dropped as `expired`. Lower it where old records are refused anyway.
   * @default 172800000
   */
  maxAgeMillis?: number | undefined
  /**
   * How many bytes one file holds. Lower it with a small `maxBytes`, as a full journal drops whole files.
   * @default 4194304
   */
  segmentBytes?: number | undefined
  /**
   * When records are brought to the device, which only a loss of power needs: `'interval'` half a second after they should have been
   * delivered, `'batch'` after each write, `'none'` when the system likes.
   * @default 'interval'
   */
  fsync?: 'interval' | 'batch' | 'none' | undefined
  /**
   * Which records go when `maxBytes` is reached, as `journal_full`. Choose `'newest'` when the start of an incident matters more than its end.
   * @default 'oldest'
   */
  evict?: 'oldest' | 'newest' | undefined
  /**
   * How many bytes the file system keeps free of the journal. Raise it where other data on it matters more.
   * @default 67108864
   */
  minFreeBytes?: number | undefined
  /**
   * What tells tenants apart: records only ever go to the endpoint and tenant that they were logged for. Set it where credentials in
   * `headers` change, as a process with other ones would not touch what an earlier one left.
   * @default the values of headers
   */
  tenant?: string | undefined
}
