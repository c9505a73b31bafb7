/** What the kernel has to choose a real server by; each is a module of its own. `rr`: strictly in turn. */
export const ipvsSchedulers = ['rr', 'wrr', 'lc', 'wlc', 'sh', 'dh', 'sed', 'nq'] as const
export type IpvsScheduler = typeof ipvsSchedulers[number]
