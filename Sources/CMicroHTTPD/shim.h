#pragma once
#include <microhttpd.h>

// Swift cannot call variadic functions; each shim fixes the arguments that this project uses.

/// MHD_start_daemon with all options in an array that ends with MHD_OPTION_END.
static inline struct MHD_Daemon *CMicroHTTPD_start(unsigned int flags, uint16_t port,
                                                   MHD_AcceptPolicyCallback policy,
                                                   MHD_AccessHandlerCallback handler,
                                                   void *context,
                                                   struct MHD_OptionItem *options) {
    return MHD_start_daemon(flags, port, policy, context, handler, context, MHD_OPTION_ARRAY, options,
                            MHD_OPTION_END);
}

/// The client's address, or NULL.
static inline const struct sockaddr *CMicroHTTPD_clientAddress(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

/// The connection's socket, or -1.
static inline int CMicroHTTPD_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// How many connections are open.
static inline unsigned int CMicroHTTPD_connectionCount(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

/// Ends an upgraded connection; its handle must not be used again.
static inline void CMicroHTTPD_closeUpgraded(struct MHD_UpgradeResponseHandle *handle) {
    MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}
