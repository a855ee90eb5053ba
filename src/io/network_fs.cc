// network_fs
