import type { UserInfo } from '../../../../api/transport.ts'

export const nodesGroup = 'system:nodes'
const prefix = 'system:node:'

/** The node a user is; undefined for users that are none. An agent is known by its group and its name, `system:node:<name>`. */
export const nodeOf = ({ name, groups }: UserInfo): string | undefined =>
  (name.startsWith(prefix) && groups.includes(nodesGroup) ? name.slice(prefix.length) : undefined)
