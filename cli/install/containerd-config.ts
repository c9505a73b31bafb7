import type { Paths } from '../layout.ts'

export interface ContainerdOptions {
  readonly paths: Paths
  /** Where it looks for networks and plugins. */
  readonly cni: { readonly confDir: string; readonly binDir: string }
  readonly pauseImage: string
  /** The machine does not let us lower the score by which the kernel picks processes to kill (no CAP_SYS_RESOURCE). */
  readonly restrictOomScore: boolean
  readonly snapshotter: 'overlayfs' | 'native'
}

/** The configuration of a containerd of our own, beside any other on the machine: own root, state, socket and CNI directories. */
export const containerdConfig = ({ paths, cni, pauseImage, restrictOomScore, snapshotter }: ContainerdOptions): string => `# Written by k8ts up; changes are overwritten.
version = 2
root = "${paths.containerd.root}"
state = "${paths.containerd.state}"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = "${paths.containerd.socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = ${restrictOomScore}
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cni.binDir}"
    conf_dir = "${cni.confDir}"
    max_conf_num = 1
`
