import type { Score } from '../plugin.ts'
import { best } from '../plugin.ts'

const megabyte = 1024 * 1024
/** Below this an image is pulled in no time; above the other, more makes no difference. */
const smallest = 23 * megabyte, largest = 1000 * megabyte

/** Prefers nodes that have the images, weighed by size, and less so when few nodes have them: else all pods would heap up there. */
export const imageLocality: Score = {
  name: 'ImageLocality', weight: 1,
  prepare({ pod }, snapshot, nodes) {
    const containers = [...pod.spec.containers, ...pod.spec.initContainers ?? []]
    const images = containers.map(({ image = '' }) => tagged(image))
    const spread = new Map(images.map((image) => [image, snapshot.nodes.filter((node) => node.images.has(image)).length / Math.max(1, snapshot.nodes.length)]))
    if (nodes.every((node) => images.every((image) => !node.images.has(image)))) return undefined
    const most = largest * containers.length
    return (node) => {
      const sum = images.reduce((total, image) => total + Math.floor((node.images.get(image) ?? 0) * spread.get(image)!), 0)
      return Math.floor((best * (Math.min(Math.max(sum, smallest), most) - smallest)) / (most - smallest))
    }
  },
}

/** Nodes name images with their tag. */
const tagged = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image)
