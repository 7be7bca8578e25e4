#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the dummy firmware as nouveau's loaders would: test_firmware.py DIR

DIR holds mkfirmware.py.  The checks follow nvkm/falcon/fw.c,
nvkm/subdev/acr/{gm200,lsfw}.c and nvkm/engine/gr/gk20a.c.
"""
import struct
import sys
import unittest


def words(data, offset, count):
    """count little endian words at offset"""
    return struct.unpack_from(f'<{count}I', data, offset)


class Gp100(unittest.TestCase):
    """The files of one chip; those of GP100"""

    chip = 'gp100'
    class_3d = 0xc097
    bootloaders = ('acr/bl.bin', 'gr/fecs_bl.bin', 'gr/gpccs_bl.bin')
    signatures = (('gr/fecs_sig.bin', 2), ('gr/gpccs_sig.bin', 3))
    signature_size = 76     # sizeof(struct lsf_signature)
    acr_desc_size = 0x260   # sizeof(struct flcn_acr_desc)
    others = set()

    @classmethod
    def setUpClass(cls):
        import mkfirmware
        cls.files = mkfirmware.files(cls.chip)

    def binary(self, name):
        """Check a file's header; return the header and data offsets."""
        data = self.files[name]
        magic, _, size, header, offset, data_size = words(data, 0, 6)
        self.assertEqual(magic, 0x10de)
        self.assertEqual(size, len(data))
        self.assertLess(header, offset)
        self.assertEqual(offset + data_size, len(data))
        return header, offset

    def test_names(self):
        """All that nouveau asks for, and no more"""
        want = {'acr/bl.bin', 'acr/ucode_load.bin', 'acr/ucode_unload.bin'}
        want |= {f'gr/sw_{x}.bin' for x in ('nonctx', 'ctx', 'bundle_init',
                                            'method_init')}
        want |= {f'gr/{f}_{x}.bin' for f in ('fecs', 'gpccs')
                 for x in ('bl', 'inst', 'data', 'sig')}
        self.assertEqual(set(self.files), want | self.others)

    def test_bootloaders(self):
        """Code in blocks of 256 bytes, inside of the file"""
        for name in self.bootloaders:
            header, offset = self.binary(name)
            _, _, code, size, _, _ = words(self.files[name], header, 6)
            self.assertGreater(size, 0)
            self.assertEqual(size % 256, 0)
            self.assertLessEqual(offset + code + size, len(self.files[name]))

    def test_acr_programs(self):
        """Signature patched into the data, room for the descriptor"""
        for name in ('acr/ucode_load.bin', 'acr/ucode_unload.bin'):
            data = self.files[name]
            header, offset = self.binary(name)
            image = len(data) - offset
            dbg, dbg_size, prod, prod_size, loc, sig, load, load_size = \
                words(data, header, 8)
            self.assertEqual(dbg_size, prod_size)
            self.assertLessEqual(max(dbg + dbg_size, prod + prod_size),
                                 offset)
            where, = words(data, loc, 1)
            which, = words(data, sig, 1)
            self.assertEqual(which, 0)
            self.assertLessEqual(where + prod_size, image)
            self.assertEqual(load_size, 28)
            code, code_size, base, size, apps, app, app_size = \
                words(data, load, 7)
            self.assertEqual(apps, 1)
            for value in (code, code_size, base, size, app, app_size):
                self.assertEqual(value % 256, 0)
            self.assertLessEqual(base + size, image)
            self.assertLessEqual(app + app_size, base)
            self.assertGreaterEqual(size, self.acr_desc_size)

    def test_signatures(self):
        """sizeof(struct lsf_signature), and the falcon's number"""
        for name, falcon in self.signatures:
            data = self.files[name]
            self.assertEqual(len(data), self.signature_size)
            self.assertEqual(words(data, 64, 3), (1, 1, falcon))

    def test_register_lists(self):
        """Whole entries, and registers that exist"""
        for name, size in (('nonctx', 8), ('ctx', 12), ('bundle_init', 8),
                           ('method_init', 8)):
            data = self.files[f'gr/sw_{name}.bin']
            self.assertGreater(len(data), 0)
            self.assertEqual(len(data) % size, 0)
        self.assertEqual(words(self.files['gr/sw_nonctx.bin'], 0, 1),
                         (0x404154,))
        addr, = words(self.files['gr/sw_method_init.bin'], 0, 1)
        self.assertEqual(addr & 0xffff, self.class_3d)
        self.assertEqual((addr & 0xffff0000) >> 14, 0x100)


class Gp107(Gp100):
    """SEC2 runs ACR, and has firmware of its own."""

    chip = 'gp107'
    class_3d = 0xc197
    bootloaders = Gp100.bootloaders + ('acr/unload_bl.bin',)
    signatures = Gp100.signatures + (('sec2/sig-1.bin', 7),)
    signature_size = 192    # sizeof(struct lsf_signature_v1)
    acr_desc_size = 0x278   # sizeof(struct flcn_acr_desc_v1)
    others = {'acr/unload_bl.bin', 'sec2/desc-1.bin', 'sec2/image-1.bin',
              'sec2/sig-1.bin'}

    def test_sec2(self):
        """struct nvfw_ls_desc_v1; its parts lie one after another"""
        desc = self.files['sec2/desc-1.bin']
        image = self.files['sec2/image-1.bin']
        self.assertEqual(len(desc), 16 + 64 + 13 * 4 + (2 + 128 + 1) * 4)
        self.assertEqual(words(desc, 0, 2), (len(desc), len(image)))
        bl_start, bl, _, _, app_start, app = words(desc, 80, 6)
        code, code_size, data, data_size = words(desc, 80 + 9 * 4, 4)
        self.assertEqual(bl_start + bl, app_start)
        self.assertEqual(app_start + app, len(image))
        self.assertEqual(code + code_size, data)
        self.assertEqual(data + data_size, app)
        for value in (bl, app, code_size, data_size):
            self.assertGreater(value, 0)
            self.assertEqual(value % 256, 0)


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv.pop(1))
    unittest.main()
