import { networkInterfaces } from 'node:os'

/** The addresses that this process's network has now, loopback among them; those of one link only (`fe80::`) left out, which mean nothing without its name. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).filter(({ scopeid }) => !scopeid).map(({ address }) => address)
