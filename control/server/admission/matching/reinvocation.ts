import type { AdmissionRequest } from '../admission.ts'

/** What the changing plugins remember of one request: in which round they are. */
export interface Rounds {
  second: boolean
  /** Who was asked in the first round and wants to be asked again, with the object (as JSON) they left behind. */
  readonly asked: Map<string, string>
}

const all = new WeakMap<AdmissionRequest, Rounds>()

export function roundsOf(request: AdmissionRequest): Rounds {
  let rounds = all.get(request)
  if (!rounds) all.set(request, rounds = { second: false, asked: new Map() })
  return rounds
}

/** Begins the second and last round, when one is wanted. */
export function beginSecondRound(request: AdmissionRequest): boolean {
  const rounds = all.get(request)
  if (!rounds || rounds.second) return false
  const json = JSON.stringify(request.object)
  if (![...rounds.asked.values()].some((left) => left !== json)) return false
  return rounds.second = true
}

/** Whether `name` is to run: everybody in the first round, in the second those whose object has changed since. */
export function takesPart(request: AdmissionRequest, name: string): boolean {
  const rounds = all.get(request)
  if (!rounds?.second) return true
  const left = rounds.asked.get(name)
  return left !== undefined && left !== JSON.stringify(request.object)
}

/** `name` has run and wants to run again if others change what it left. */
export function noteAsked(request: AdmissionRequest, name: string): void {
  roundsOf(request).asked.set(name, JSON.stringify(request.object))
}
