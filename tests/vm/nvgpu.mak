# SPDX-License-Identifier: MIT
# The devices of our QEMU: a board, the virtual GPU, and what the runner uses.
CONFIG_Q35=y
CONFIG_VTD=y
CONFIG_ISA_DEBUG=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_9P=y
CONFIG_VIRTIO_BLK=y
CONFIG_NVGPU=y
