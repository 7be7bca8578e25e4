#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dummy firmware for the virtual GPU: mkfirmware.py OUTDIR

nouveau refuses to bring up the graphics engine of a Pascal without NVIDIA's
signed firmware.  The virtual GPU executes no falcon code, so files that have
the right headers around filler are enough.  They are written below
OUTDIR/nvidia/CHIP, for each chip that there is, and are of no use on real
hardware.

The layouts are the structures that nouveau reads (drivers/gpu/drm/nouveau):
include/nvfw/{fw,hs,acr,ls}.h, nvkm/subdev/acr/lsfw.c, nvkm/falcon/fw.c and
nvkm/engine/gr/gk20a.c.
"""
import os
import struct
import sys

# Falcons load and verify code and data in blocks of this size.
BLOCK = 256
SIGNATURE = 16

BIN_MAGIC = 0x10de          # files in NVIDIA's standard format
BIN_VERSION = 1

# Numbers of falcons (enum nvkm_acr_lsf_id), and IMEM tags of bootloaders
FECS, GPCCS, SEC2 = 2, 3, 7
LS_BOOTLOADER_TAG = 0x7e

# sizeof(struct flcn_acr_desc_v1), the larger of the two that the driver
# patches into the data of the ACR programs
ACR_DESC_SIZE = 0x278

# The 3D class of each chip; and which have SEC2 run ACR (subdev/acr/gp102.c)
CLASS_3D = {'gp100': 0xc097, 'gp107': 0xc197}
WITH_SEC2 = {'gp107'}

REG_FE_GO_IDLE_TIMEOUT = 0x404154
METHOD_NO_OPERATION = 0x0100
BUNDLE_ADDRESS = 0x1000     # any register but GO_IDLE (0xe100)


class Layout:
    """A C structure of little endian 32 bit words, by member name."""

    def __init__(self, *members):
        self.members = members
        self.size = 4 * len(members)

    def pack(self, **values):
        """The bytes of one; every member must be given."""
        if set(values) != set(self.members):
            raise ValueError(f'{set(values) ^ set(self.members)}')
        return struct.pack(f'<{len(self.members)}I',
                           *(values[name] for name in self.members))


# include/nvfw/fw.h
BIN_HDR = Layout('bin_magic', 'bin_ver', 'bin_size', 'header_offset',
                 'data_offset', 'data_size')
BL_DESC = Layout('start_tag', 'dmem_load_off', 'code_off', 'code_size',
                 'data_off', 'data_size')
# include/nvfw/hs.h; the load header with one application
HS_HEADER = Layout('sig_dbg_offset', 'sig_dbg_size', 'sig_prod_offset',
                   'sig_prod_size', 'patch_loc', 'patch_sig', 'hdr_offset',
                   'hdr_size')
HS_LOAD_HEADER = Layout('non_sec_code_off', 'non_sec_code_size',
                        'data_dma_base', 'data_size', 'num_apps',
                        'app0_off', 'app0_size')
# include/nvfw/acr.h: struct lsf_signature, without the keys before it
LSF_KEYS = 2 * 2 * 16
LSF_SIGNATURE = Layout('b_prd_present', 'b_dbg_present', 'falcon_id')
# struct lsf_signature_v1 has more: versions, which other falcons' versions
# it depends on (none), and a key derivation value
LSF_VERSION = Layout('supports_versioning', 'version', 'depmap_count')
LSF_DEPMAP = 11 * 2 * 4
LSF_KDF = 16
# include/nvfw/ls.h: struct nvfw_ls_desc_head, but for the date in its middle
LS_DESC = Layout('descriptor_size', 'image_size', 'tools_version',
                 'app_version')
LS_DATE = 64
LS_DESC_PARTS = Layout('bootloader_start_offset', 'bootloader_size',
                       'bootloader_imem_offset', 'bootloader_entry_point',
                       'app_start_offset', 'app_size', 'app_imem_offset',
                       'app_imem_entry', 'app_dmem_offset',
                       'app_resident_code_offset', 'app_resident_code_size',
                       'app_resident_data_offset', 'app_resident_data_size')
# struct nvfw_ls_desc_v1: two counts, 64 overlays, one word
LS_OVERLAYS = 4 * (2 + 2 * 64 + 1)
# nvkm/engine/gr/gk20a.c: struct gk20a_fw_av and gk20a_fw_aiv
FW_AV = Layout('addr', 'data')
FW_AIV = Layout('addr', 'index', 'data')


def align(size, to=BLOCK):
    """size, rounded up"""
    return (size + to - 1) // to * to


def filler(size):
    """Something that is no code"""
    return b'\0' * size


def binary(header, data):
    """A file of the standard format: bin_hdr, header, data."""
    data_offset = align(BIN_HDR.size + len(header))
    hdr = BIN_HDR.pack(bin_magic=BIN_MAGIC, bin_ver=BIN_VERSION,
                       bin_size=data_offset + len(data),
                       header_offset=BIN_HDR.size, data_offset=data_offset,
                       data_size=len(data))
    return (hdr + header).ljust(data_offset, b'\0') + data


def bootloader(start_tag):
    """acr/bl.bin and gr/*_bl.bin"""
    code = filler(2 * BLOCK)
    desc = BL_DESC.pack(start_tag=start_tag, dmem_load_off=0, code_off=0,
                        code_size=len(code), data_off=len(code), data_size=0)
    return binary(desc, code)


def acr_program():
    """acr/ucode_load.bin, acr/ucode_unload.bin: a heavy secure program

    Header: hs_header, load header, two signatures, and the two words that
    patch_loc (where in the image the signature goes) and patch_sig (which
    signature, as an offset) point at.  All offsets count from the file's
    start.
    """
    non_secure, secure = BLOCK, 2 * BLOCK
    data = align(ACR_DESC_SIZE)
    load = BIN_HDR.size + HS_HEADER.size
    sig_dbg = load + HS_LOAD_HEADER.size
    sig_prod = sig_dbg + SIGNATURE
    patch_loc = sig_prod + SIGNATURE
    patch_sig = patch_loc + 4
    header = HS_HEADER.pack(sig_dbg_offset=sig_dbg, sig_dbg_size=SIGNATURE,
                            sig_prod_offset=sig_prod,
                            sig_prod_size=SIGNATURE, patch_loc=patch_loc,
                            patch_sig=patch_sig, hdr_offset=load,
                            hdr_size=HS_LOAD_HEADER.size)
    header += HS_LOAD_HEADER.pack(non_sec_code_off=0,
                                  non_sec_code_size=non_secure,
                                  data_dma_base=non_secure + secure,
                                  data_size=data, num_apps=1,
                                  app0_off=non_secure, app0_size=secure)
    header += filler(2 * SIGNATURE)
    header += struct.pack('<2I', non_secure + secure, 0)
    return binary(header, filler(non_secure + secure + data))


def lsf_signature(falcon_id, version):
    """*_sig.bin"""
    out = filler(LSF_KEYS) + LSF_SIGNATURE.pack(b_prd_present=1,
                                                b_dbg_present=1,
                                                falcon_id=falcon_id)
    if version:
        out += LSF_VERSION.pack(supports_versioning=0, version=0,
                                depmap_count=0)
        out += filler(LSF_DEPMAP + LSF_KDF)
    return out


def ls_desc(code, data):
    """sec2/desc*.bin: a bootloader of one block, then code, then data"""
    size = LS_DESC.size + LS_DATE + LS_DESC_PARTS.size + LS_OVERLAYS
    return LS_DESC.pack(descriptor_size=size,
                        image_size=BLOCK + code + data, tools_version=0,
                        app_version=0) + \
        filler(LS_DATE) + \
        LS_DESC_PARTS.pack(bootloader_start_offset=0, bootloader_size=BLOCK,
                           bootloader_imem_offset=0,
                           bootloader_entry_point=0, app_start_offset=BLOCK,
                           app_size=code + data, app_imem_offset=0,
                           app_imem_entry=0, app_dmem_offset=0,
                           app_resident_code_offset=0,
                           app_resident_code_size=code,
                           app_resident_data_offset=code,
                           app_resident_data_size=data) + \
        filler(LS_OVERLAYS)


def method_init(cls, method, data):
    """An entry of gr/sw_method_init.bin: class 15:0, method >> 2 above"""
    return FW_AV.pack(addr=cls | method >> 2 << 16, data=data)


def files_sec2():
    """What the chips have whose SEC2 runs ACR; "-1": the newer layout"""
    code, data = 4 * BLOCK, 2 * BLOCK
    return {
        'acr/unload_bl.bin': bootloader(0),
        'sec2/desc-1.bin': ls_desc(code, data),
        'sec2/image-1.bin': filler(BLOCK + code + data),
        'sec2/sig-1.bin': lsf_signature(SEC2, 1),
    }


def files(chip):
    """Every file by name.  Register lists need one entry, which is idle."""
    timeout = REG_FE_GO_IDLE_TIMEOUT
    out = {
        'acr/bl.bin': bootloader(0),
        'acr/ucode_load.bin': acr_program(),
        'acr/ucode_unload.bin': acr_program(),
        'gr/sw_nonctx.bin': FW_AV.pack(addr=timeout, data=0),
        'gr/sw_ctx.bin': FW_AIV.pack(addr=timeout, index=0, data=0),
        'gr/sw_bundle_init.bin': FW_AV.pack(addr=BUNDLE_ADDRESS, data=0),
        'gr/sw_method_init.bin': method_init(CLASS_3D[chip],
                                             METHOD_NO_OPERATION, 0),
    }
    for name, falcon_id in (('fecs', FECS), ('gpccs', GPCCS)):
        out[f'gr/{name}_bl.bin'] = bootloader(LS_BOOTLOADER_TAG)
        out[f'gr/{name}_inst.bin'] = filler(4 * BLOCK)
        out[f'gr/{name}_data.bin'] = filler(2 * BLOCK)
        out[f'gr/{name}_sig.bin'] = lsf_signature(falcon_id,
                                                  chip in WITH_SEC2)
    return out | (files_sec2() if chip in WITH_SEC2 else {})


def main():
    """Write the files; returns the exit status."""
    if len(sys.argv) != 2:
        print(f'usage: {sys.argv[0]} OUTDIR', file=sys.stderr)
        return 2
    for chip in CLASS_3D:
        for name, data in files(chip).items():
            path = os.path.join(sys.argv[1], 'nvidia', chip, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as out:
                out.write(data)
    return 0


if __name__ == '__main__':
    sys.exit(main())
