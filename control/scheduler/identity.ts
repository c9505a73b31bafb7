import type { UserInfo } from '../../api/transport.ts'

/** As whom the scheduler asks; its role has the same name. */
export const schedulerUser: UserInfo = Object.freeze({ name: 'system:kube-scheduler', groups: Object.freeze(['system:authenticated']) })
