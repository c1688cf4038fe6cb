/* sqlite_file.c: where the ledger's file lies. Knows nothing of what is in it. */
#include "ledger/sqlite.h"

#include <sys/vfs.h>

#include "base/file.h"

/* Kinds of statfs(2) whose shared memory isn't shared by all who may open the file (faults 22). */
static const unsigned long remote_kinds[] = {
	0x6969,     /* NFS */
	0x517B,     /* SMB */
	0xFE534D42, /* SMB2 */
	0xFF534D42, /* CIFS */
	0x65735546, /* FUSE: sshfs and the like */
	0x00C36400, /* Ceph */
	0x01021997, /* 9P */
	0x786F4256, /* a virtual machine's shared folder */
	0x5346414F, /* AFS */
	0x0BD00BD0, /* Lustre */
	0x01161970, /* GFS2 */
	0x7461636F, /* OCFS2 */
};

bool file_kind_is_remote(long kind)
{
	for (size_t i = 0; i < COUNT_OF(remote_kinds); i++)
		if (((unsigned long)kind & 0xFFFFFFFFUL) == remote_kinds[i])
			return true;
	return false;
}

bool ledger_is_on_network(const char *path)
{
	char folder[FILE_PATH_SIZE];
	struct statfs system;

	if (statfs(path, &system) != 0 && !(file_folder_of(path, folder) && statfs(folder, &system) == 0))
		return false;
	return file_kind_is_remote((long)system.f_type);
}
