/** `--proxy-mode`. `auto`: nftables where the kernel and `nft` allow, else iptables. */
export const proxyModes = ['auto', 'nftables', 'iptables', 'ipvs', 'userspace'] as const
export type ProxyModeSetting = typeof proxyModes[number]
