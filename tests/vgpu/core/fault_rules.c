// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules of memory accesses and faults, for the fidelity ledger. */
#include "ledger.h"

#define DEV_FAULT	"NVIDIA gp100 dev_fault.h"
#define DEV_FB		"NVIDIA gp100 dev_fb.h"
#define DEV_MMU		"NVIDIA gp100 dev_mmu.h"
#define CLB069		"NVIDIA clb069.h"
#define FIFO_GP10B	"NVIDIA nvgpu hw_fifo_gp10b.h"
#define RPFB_GP10B	"NVIDIA nvgpu rpfb_gp10b.c"
#define DEV_RAM		"NVIDIA gv100 dev_ram.ref.txt"
#define PRI_MMU_HUB	"NVIDIA gv100 pri_mmu_hub.ref.txt"
#define UVM_MMU		"NVIDIA uvm_pascal_mmu.c"
#define UVM_FAULTS	"NVIDIA uvm_gpu_replayable_faults.c"
#define VMMGF100	"Linux nvkm vmmgf100.c"
#define VMMGP100	"Linux nvkm vmmgp100.c"
#define PTX_CACHE	"NVIDIA PTX ISA, cache operators (sm_20)"
#define NAK_BARRIER	"Mesa nak/from_nir.rs, nir_intrinsic_barrier"
#define NVC0_ATOMCCTL	"Mesa nv50_ir_lowering_nvc0.cpp, handleATOMCctl"
#define L1_FORUM	"NVIDIA developer forum, Pascal L1 cache (49571)"
#define CUDA_ATOMICS	"CUDA C++ Programming Guide, Atomic Functions"
#define CUDA_FENCES	"CUDA C++ Programming Guide, Memory Fence Functions"
#define PTX_MEMORY	"NVIDIA PTX ISA, Memory Consistency Model"
#define MODEL		"the model's own choice"

struct rule {
	const char *where, *name;
	enum nvgpu_fidelity fidelity;
	const char *source;
};

static const struct rule rules[] = {
	/* Page tables */
	{ "tables", "VER2: PD3, PD2, PD1, PD0, 2M, 64K and 4K pages",
	  NVGPU_DOCUMENTED, DEV_MMU ", " UVM_MMU },
	{ "tables", "instance block: PDB, VA limit, replay enables",
	  NVGPU_DOCUMENTED, DEV_RAM },
	{ "tables", "VER1 (GF100) page tables", NVGPU_ABSENT, DEV_MMU },
	{ "tables", "pages of peer GPUs fault with UNSUPPORTED_APERTURE",
	  NVGPU_INFERRED, DEV_MMU },
	{ "tables", "invalid entry with VOL: sparse",
	  NVGPU_DOCUMENTED, UVM_MMU ", " VMMGP100 },
	{ "tables", "sparse: reads give zero, writes are dropped",
	  NVGPU_INFERRED, "Vulkan sparse residency on " VMMGP100 },
	{ "tables", "invalid big entry: PRIV hides the small ones below",
	  NVGPU_DOCUMENTED, UVM_MMU ", " VMMGP100 },
	{ "tables", "kinds, compression and VOL of valid entries: no effect",
	  NVGPU_FAKED, DEV_MMU },
	{ "tables", "privileged: FECS, GPCCS, HOST, HOST_CPU, MMU, PMU",
	  NVGPU_INFERRED, "Linux nvkm gr/gf100.c maps with priv for them" },

	/* Faults */
	{ "fault", "PDE: no table below a directory entry",
	  NVGPU_DOCUMENTED, DEV_FAULT },
	{ "fault", "PDE_SIZE: a page above PD0",
	  NVGPU_INFERRED, DEV_FAULT },
	{ "fault", "PTE: table there, entry invalid",
	  NVGPU_DOCUMENTED, DEV_FAULT },
	{ "fault", "VA_LIMIT: beyond the instance block's limit",
	  NVGPU_DOCUMENTED, DEV_FAULT ", " DEV_RAM },
	{ "fault", "UNBOUND_INST: no VER2 page directory",
	  NVGPU_INFERRED, DEV_FAULT },
	{ "fault", "PRIV: privileged page, other client",
	  NVGPU_DOCUMENTED, DEV_FAULT },
	{ "fault", "RO: write or atomic, before ATOMIC is looked at",
	  NVGPU_INFERRED, DEV_FAULT },
	{ "fault", "ATOMIC: atomic on an ATOMIC_DISABLE page",
	  NVGPU_DOCUMENTED, DEV_FAULT },
	{ "memory", "an atomic in system memory is a read and a write to the CPU",
	  NVGPU_INFERRED, CUDA_ATOMICS },
	{ "fault", "REGION: VRAM address beyond the end of VRAM",
	  NVGPU_INFERRED, UVM_MMU ", poisoned_pte_pascal" },
	{ "fault", "PITCH, WORK_CREATION, COMPRESSION, KIND, POISONED",
	  NVGPU_ABSENT, DEV_FAULT },

	{ "fault", "stalled accesses hold the engine: no other context gets on",
	  NVGPU_DOCUMENTED, "NVIDIA uvm_gpu_non_replayable_faults.c" },
	{ "fault", "property preempt-stalled: they do not",
	  NVGPU_FAKED, MODEL },
	{ "fault", "hints (CCTL.PF*): access PREFETCH, no stall, no replay",
	  NVGPU_INFERRED, UVM_FAULTS },
	{ "fault", "hints that no mapping can help are dropped",
	  NVGPU_INFERRED, UVM_FAULTS },

	/* Caches of data; Pascal's are like Maxwell's (L1_FORUM) */
	{ "l1", "lines of 128 bytes, filled by sectors of 32",
	  NVGPU_DOCUMENTED, L1_FORUM },
	{ "l1", "not coherent: other SMs' and the CPU's stores leave stale lines",
	  NVGPU_DOCUMENTED, PTX_CACHE },
	{ "l1", "loads .CG go to L2 and leave lines as they are",
	  NVGPU_INFERRED, PTX_CACHE ": bypasses L1" },
	{ "l1", "loads .CV go to L2 and drop the sector",
	  NVGPU_DOCUMENTED, PTX_CACHE },
	{ "l1", "stores drop the sector on their own SM",
	  NVGPU_DOCUMENTED, PTX_CACHE },
	{ "l1", "atomics happen in L2; even their own SM keeps the line",
	  NVGPU_INFERRED, NVC0_ATOMCCTL },
	{ "l1", "MEMBAR drops nothing, of any level; CCTL.IVALL all",
	  NVGPU_INFERRED, NAK_BARRIER },
	{ "l1", "a launch drops all, whether its QMD asks for it or not",
	  NVGPU_INFERRED, "Mesa gp100_compute_setup_launch_desc does not ask" },
	{ "l1", "virtual addresses are cached: aliases are not one",
	  NVGPU_INFERRED, "CUDA Programming Guide, Virtual Aliasing Support" },
	{ "l1", "an access is translated first, and faults if it has to",
	  NVGPU_FAKED, MODEL },
	{ "l1", "one for each SM", NVGPU_INFERRED, PTX_CACHE },
	{ "l1", "size, replacement, longest life of a line", NVGPU_FAKED,
	  MODEL },
	{ "l2", "where the GPU's accesses meet; not modelled, never stale",
	  NVGPU_FAKED, PTX_CACHE },
	{ "l2", "system memory is not kept: nothing there to be stale",
	  NVGPU_DOCUMENTED,
	  "NVIDIA uvm_va_block.c, block_gpu_pte_flag_cacheable" },

	/* Stores on their way: what hardware may do, not what it was seen to */
	{ "store", "other SMs and the CPU see stores late and out of order",
	  NVGPU_DOCUMENTED, CUDA_FENCES ", " PTX_MEMORY },
	{ "store", "MEMBAR.GL: other SMs see what was stored before",
	  NVGPU_DOCUMENTED, CUDA_FENCES },
	{ "store", "MEMBAR.SYS: the CPU and other engines do, too",
	  NVGPU_DOCUMENTED, CUDA_FENCES },
	{ "store", "barriers are cumulative: stores of all the SM's warps go",
	  NVGPU_INFERRED, PTX_MEMORY ", causality order" },
	{ "store", "all warps of an SM see its stores; MEMBAR.CTA does nothing",
	  NVGPU_FAKED, MODEL ": the weakest that CUDA allows is less" },
	{ "store", "stores .CG and .WT pass plain ones",
	  NVGPU_FAKED, MODEL ", within " PTX_MEMORY },
	{ "store", "atomics pass stores to other bytes",
	  NVGPU_INFERRED, PTX_MEMORY ", relaxed atomics order nothing else" },
	{ "store", "the end of a grid, or its preemption, waits for all",
	  NVGPU_INFERRED, "nouveau frees memory when a fence was passed" },
	{ "store", "a grid that is reset loses those that wait",
	  NVGPU_FAKED, MODEL },
	{ "store", "an address is translated when the store is executed",
	  NVGPU_INFERRED, UVM_MMU ", membars with its TLB invalidates" },
	{ "store", "size, order, longest wait", NVGPU_FAKED, MODEL },

	/* TLBs */
	{ "tlb", "one uTLB for each GPC's front end and each TPC",
	  NVGPU_DOCUMENTED, UVM_MMU ", client_id_to_utlb_id" },
	{ "tlb", "valid entries and PDEs stay until invalidated",
	  NVGPU_INFERRED, VMMGF100 },
	{ "tlb", "a PD0 entry is cached whole, both halves",
	  NVGPU_INFERRED, VMMGP100 ", gp100_vmm_pd0_pde" },
	{ "tlb", "a cached entry's permissions decide, there is no new walk",
	  NVGPU_INFERRED, "NVIDIA uvm_map_external.c" },
	{ "tlb", "invalid entries are not cached", NVGPU_INFERRED,
	  "NVIDIA uvm_ats_faults.c and uvm_mmu.c: hardware may cache them" },
	{ "tlb", "a 2M page is a PDE to CACHE_LEVEL", NVGPU_DOCUMENTED,
	  "NVIDIA uvm_hal.h, uvm_hal_host_tlb_invalidate_all_t" },
	{ "tlb", "sizes and replacement", NVGPU_FAKED, MODEL },

	/* Invalidates, replay and cancel */
	{ "inval", "MMU_CTRL: free slots, FIFO empty when done",
	  NVGPU_DOCUMENTED, "NVIDIA nvgpu hw_fb_gp10b.h" },
	{ "inval", "TRIGGER reads as pending", NVGPU_INFERRED, PRI_MMU_HUB },
	{ "inval", "a command takes effect when polled for, or late",
	  NVGPU_FAKED, MODEL },
	{ "inval", "ACK: every completed poll acknowledges",
	  NVGPU_INFERRED, VMMGF100 ", which waits with ACK none" },
	{ "inval", "without SYS_MEMBAR earlier stores may still be on their way",
	  NVGPU_INFERRED, DEV_FB ", " UVM_MMU },
	{ "inval", "replay and cancel honour the invalidate fields",
	  NVGPU_DOCUMENTED, DEV_FB ", " VMMGP100 },
	{ "inval", "START_ACK_ALL: as START, nothing new can be in between",
	  NVGPU_FAKED, DEV_FB },
	{ "inval", "CANCEL_TARGETED: all stalled accesses of a uTLB",
	  NVGPU_DOCUMENTED, DEV_FB ", NVIDIA uvm_gpu_replayable_faults.c" },

	/* The replayable fault buffer */
	{ "buffer", "packet layout, VALID written last",
	  NVGPU_DOCUMENTED, CLB069 },
	{ "buffer", "written through BAR2's address space",
	  NVGPU_DOCUMENTED, RPFB_GP10B ", Linux nvkm fault/gp100.c" },
	{ "buffer", "full when PUT + 1 == GET; overflow latched in INFO",
	  NVGPU_DOCUMENTED, RPFB_GP10B },
	{ "buffer", "what is not entered faults again at the next replay",
	  NVGPU_DOCUMENTED, "NVIDIA gv100 dev_mmu_fault.ref.txt" },
	{ "buffer", "entries go on when there is room, overflow set or not",
	  NVGPU_INFERRED, "Linux nouveau_svm.c never clears it" },
	{ "buffer", "interrupt while enabled and GET != PUT",
	  NVGPU_INFERRED, "NVIDIA uvm_pascal_fault_buffer.c" },
	{ "buffer", "PFIFO_INTR REPLAYABLE_FAULT_ERROR", NVGPU_ABSENT,
	  FIFO_GP10B },
	{ "buffer", "prefetch filter SEND_NONE", NVGPU_DOCUMENTED, DEV_FB },

	/* Fatal faults */
	{ "fatal", "one report for each fault unit, until cleared",
	  NVGPU_DOCUMENTED, FIFO_GP10B },
	{ "fatal", "addresses are those of 4 KiB pages",
	  NVGPU_INFERRED, CLB069 },
	{ "fatal", "further faults of a unit wait, instead of the engine",
	  NVGPU_FAKED, MODEL },
	{ "fatal", "PFIFO_INTR DROPPED_MMU_FAULT", NVGPU_ABSENT, FIFO_GP10B },
};

void nvgpu_ledger_faults(FILE *f)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(rules); i++)
		nvgpu_ledger_row(f, "fault", rules[i].where, rules[i].name,
				 rules[i].fidelity, rules[i].source);
}
