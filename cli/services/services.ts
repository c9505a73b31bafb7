/** A background service of ours, as a systemd unit where systemd runs, else as a detached process with pid and log file. */
export interface Service {
  /** `k8ts-server` */
  readonly name: string
  readonly description: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Services that must be started before. */
  readonly after: readonly string[]
  /** Ends only the main process; its children (containers) live on. */
  readonly keepsChildren: boolean
  readonly logFile: string
  /** Directories that must be there before it starts; those below /run are gone after a reboot. */
  readonly directories: readonly string[]
  /** A fingerprint of what it reads at its start (configuration, certificates): with another one it is restarted. */
  readonly reads: string
}

export interface ServiceStatus {
  readonly running: boolean
  readonly pid?: number
  /** Why it is not running, when that is known. */
  readonly detail?: string
  /** It died and is about to be started again by itself; how often that was so already. */
  readonly restarts?: number
}

export interface ServiceManager {
  readonly kind: 'systemd' | 'processes'
  /** Makes it run with exactly this definition: starts, restarts when the definition differs, or leaves it. Says which. */
  ensure(service: Service): Promise<'started' | 'restarted' | 'running'>
  /** Asks it to end and waits; absence is fine. */
  stop(name: string): Promise<void>
  /** Stops it and forgets it. */
  remove(name: string): Promise<void>
  status(name: string): Promise<ServiceStatus>
}
