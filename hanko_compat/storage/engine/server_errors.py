"""What databases' errors mean, by their numbers: lost, refused, unable, denied."""

LOST_POSTGRES = ("08", "25006", "40003", "57P")
"""SQLSTATE prefixes: connection exceptions, a server that became a standby, an outcome that is not known,
shutdown and start-up.
"""

LOST_MYSQL = {
    *(1040, 1203, 1226),  # too many connections, also of this account; what an account may use in an hour
    *(1053, 1077, 1079, 3032, 3168),  # shutdown, offline, not yet there
    *(
        1152,
        1158,
        1159,
        1160,
        1161,
        1184,
        1927,
        2006,
        2013,
        2055,
        3169,
        4031,
    ),  # connection killed, aborted or gone
    *(1290, 1792, 1836),  # read-only
    *(1047, 1180, 3098, 3100),  # cut off from the other nodes of a Galera cluster or a replication group
}

REFUSED_POSTGRES = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, lock timeout."""

REFUSED_MYSQL = {1020, 1205, 1213, 1412, 1615, 1637, 1689, 3101, 3572}
"""Record changed since the snapshot, lock wait timeout, deadlock or a row that another node changed first, a
table altered meanwhile, too many transactions, a wait for a lock given up, another node's row, a lock taken.
"""

UNABLE_POSTGRES = ("53", "57014", "58")
"""SQLSTATE prefixes: no memory, room or connection left, a statement that took too long, a failing disk."""

UNABLE_MYSQL = {
    *(1021, 1026, 1030, 1114, 1878),  # no room left, or a failing disk
    *(1037, 1038, 1041, 1135, 1206, 3170),  # no memory, threads or locks left
    *(1028, 1317, 1969, 3024),  # a statement that was stopped or took too long
}

REFUSED_SQLITE = {5, 6}
"""SQLITE_BUSY, SQLITE_LOCKED."""

LOST_SQLITE = {10, 13, 14}
"""I/O error, full disk, a file that can't be opened."""

UNSTORABLE_POSTGRES = {"22021", "22P05"}
"""Text that is not in the encoding, or has characters that the server's encoding lacks."""

UNSTORABLE_MYSQL = {1267, 1300, 1366, 3854, 3988}
"""The same: collations that can't be mixed, and text that a column or a collation can't hold."""

DENIED_POSTGRES = "42501"
"""Insufficient privilege."""

DENIED_MYSQL = {1044, 1142, 1143, 1227}
"""No access to the database, the table or the column, or to what takes a special right."""
