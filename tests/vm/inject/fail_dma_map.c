// SPDX-License-Identifier: MIT
/*
 * DMA mappings that fail on demand, for a kernel with fault injection: the fault
 * attribute fail_dma_map in debugfs, with all that failslab has, for whatever
 * maps memory for a device.
 *
 * The kernel's fail_function does not do it: it decides in the kprobe itself,
 * that is in an exception, where fail-nth does not count.  Here the kprobe sends
 * the caller to a function of ours instead, which decides as an ordinary one, and
 * calls what was to be called: who comes from here passes.
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/fault-inject.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static DECLARE_FAULT_ATTR(fail_dma_map);
static struct dentry *dir;

/* No tail call: the return address says who calls. */
#define AND_BACK()	barrier()

static dma_addr_t map_phys(struct device *dev, phys_addr_t phys, size_t size,
			   enum dma_data_direction way, unsigned long attrs)
{
	dma_addr_t addr = DMA_MAPPING_ERROR;

	if (!should_fail(&fail_dma_map, size))
		addr = dma_map_phys(dev, phys, size, way, attrs);
	AND_BACK();
	return addr;
}

static unsigned int map_sg(struct device *dev, struct scatterlist *sg,
			   int nents, enum dma_data_direction way,
			   unsigned long attrs)
{
	unsigned int mapped = 0;

	if (!should_fail(&fail_dma_map, nents))
		mapped = dma_map_sg_attrs(dev, sg, nents, way, attrs);
	AND_BACK();
	return mapped;
}

static int map_sgtable(struct device *dev, struct sg_table *sgt,
		       enum dma_data_direction way, unsigned long attrs)
{
	int ret = -EIO;

	if (!should_fail(&fail_dma_map, sgt->orig_nents))
		ret = dma_map_sgtable(dev, sgt, way, attrs);
	AND_BACK();
	return ret;
}

static void *alloc(struct device *dev, size_t size, dma_addr_t *handle,
		   gfp_t gfp, unsigned long attrs)
{
	void *cpu = NULL;

	if (!should_fail(&fail_dma_map, size))
		cpu = dma_alloc_attrs(dev, size, handle, gfp, attrs);
	AND_BACK();
	return cpu;
}

/** struct detour - a function of the kernel's, and ours */
struct detour {
	struct kprobe probe;
	void *ours;
};

/* At a function's first instruction, the stack begins with where it returns to. */
static int take_detour(struct kprobe *probe, struct pt_regs *regs)
{
	struct detour *detour = container_of(probe, struct detour, probe);
	unsigned long caller = *(unsigned long *)regs->sp;

	if (within_module_core(caller, THIS_MODULE))
		return 0;

	instruction_pointer_set(regs, (unsigned long)detour->ours);
	return 1;
}

/* A kprobe with this one stays an exception: else our change has no effect. */
static void stay(struct kprobe *probe, struct pt_regs *regs,
		 unsigned long flags)
{
}

#define DETOUR(function, replacement)	{				\
	.probe = {							\
		.symbol_name = #function,				\
		.pre_handler = take_detour,				\
		.post_handler = stay,					\
	},								\
	.ours = replacement,						\
}

static struct detour detours[] = {
	DETOUR(dma_map_phys, map_phys),
	DETOUR(dma_map_sg_attrs, map_sg),
	DETOUR(dma_map_sgtable, map_sgtable),
	DETOUR(dma_alloc_attrs, alloc),
};

/* There is no exit: who is in a function of ours returns to it. */
static int __init fail_dma_map_init(void)
{
	struct kprobe *probes[ARRAY_SIZE(detours)];
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(detours); i++)
		probes[i] = &detours[i].probe;
	dir = fault_create_debugfs_attr("fail_dma_map", NULL, &fail_dma_map);
	if (IS_ERR(dir))
		return PTR_ERR(dir);

	ret = register_kprobes(probes, ARRAY_SIZE(probes));
	if (ret)
		debugfs_remove(dir);
	return ret;
}
module_init(fail_dma_map_init);

MODULE_DESCRIPTION("DMA mappings that fail on demand");
MODULE_LICENSE("Dual MIT/GPL");
