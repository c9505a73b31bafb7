/** What the server had used of the machine when it was asked. */
export interface Usage {
  readonly cpuSeconds: number
  readonly residentMiB: number
  /** The longest time its event loop did nothing else since `begin`. */
  readonly stallMs: number
}
