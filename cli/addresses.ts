/** The addresses of a service network that have a meaning by their place: the first is the API server's, the tenth the cluster DNS's. IPv4. */
export function firstAddresses(serviceCIDR: string): { readonly apiserver: string; readonly dns: string } {
  const [network = ''] = serviceCIDR.split('/')
  const number = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const address = (offset: number) => [24, 16, 8, 0].map((shift) => Math.floor((number + offset) / 2 ** shift) % 256).join('.')
  return { apiserver: address(1), dns: address(10) }
}
