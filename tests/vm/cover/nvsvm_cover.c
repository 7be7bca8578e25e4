// SPDX-License-Identifier: MIT
/*
 * What GCC's -fprofile-arcs calls in a module, where the kernel has no
 * CONFIG_GCOV_KERNEL; and debugfs' nvsvm_cover: the .gcda files of all objects
 * that were compiled so, one after the other, each after a line "SIZE PATH".
 *
 * For a guest in which the modules stay: their counters are read where they are.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "nvsvm_cover.h"

static struct object *objects;
static DEFINE_MUTEX(objects_lock);

void __gcov_init(struct object *object)
{
	mutex_lock(&objects_lock);
	object->next = objects;
	objects = object;
	mutex_unlock(&objects_lock);
}
EXPORT_SYMBOL(__gcov_init);

void __gcov_exit(void)
{
}
EXPORT_SYMBOL(__gcov_exit);

void __gcov_merge_add(s64 *values, unsigned int n)
{
}
EXPORT_SYMBOL(__gcov_merge_add);

/* Without a file only the size is of interest. */
static size_t put(struct seq_file *m, u32 word)
{
	if (m)
		seq_write(m, &word, sizeof(word));
	return sizeof(word);
}

static size_t put_counters(struct seq_file *m, unsigned int kind,
			   const struct fn_counters *c)
{
	size_t size = put(m, TAG_COUNTER + (kind << TAG_SHIFT));
	unsigned int i;

	size += put(m, c->num * sizeof(u64));
	for (i = 0; i < c->num; i++) {
		size += put(m, lower_32_bits(c->values[i]));
		size += put(m, upper_32_bits(c->values[i]));
	}
	return size;
}

static size_t put_fn(struct seq_file *m, const struct object *object,
		     const struct fn *fn)
{
	const struct fn_counters *c = fn->counters;
	size_t size = put(m, TAG_FUNCTION);
	unsigned int kind;

	size += put(m, 3 * sizeof(u32));
	size += put(m, fn->ident);
	size += put(m, fn->lineno_checksum);
	size += put(m, fn->cfg_checksum);
	for (kind = 0; kind < COUNTERS; kind++) {
		if (object->merge[kind])
			size += put_counters(m, kind, c++);
	}
	return size;
}

static size_t put_object(struct seq_file *m, const struct object *object)
{
	size_t size = put(m, MAGIC);
	unsigned int i;

	size += put(m, object->version);
	size += put(m, object->stamp);
	size += put(m, object->checksum);
	for (i = 0; i < object->nr_fns; i++) {
		if (object->fns[i] && object->fns[i]->key == object)
			size += put_fn(m, object, object->fns[i]);
	}
	return size;
}

static int nvsvm_cover_show(struct seq_file *m, void *unused)
{
	const struct object *object;

	mutex_lock(&objects_lock);
	for (object = objects; object; object = object->next) {
		seq_printf(m, "%zu %s\n", put_object(NULL, object),
			   object->path);
		put_object(m, object);
	}
	mutex_unlock(&objects_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nvsvm_cover);

/* There is no exit: objects of other modules are in the list. */
static int __init nvsvm_cover_init(void)
{
	debugfs_create_file("nvsvm_cover", 0400, NULL, NULL, &nvsvm_cover_fops);
	return 0;
}
module_init(nvsvm_cover_init);

MODULE_DESCRIPTION("Coverage of modules");
MODULE_LICENSE("Dual MIT/GPL");
