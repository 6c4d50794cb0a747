package dev.outboard.engine.vhostuser;

import java.util.Locale;

/** The requests of a front-end that are served, with what each may carry. */
enum Request {
  GET_FEATURES(1, 0),
  SET_FEATURES(2, 8),
  SET_OWNER(3, 0),
  RESET_OWNER(4, 0),
  SET_MEM_TABLE(5, -1, 8),
  SET_VRING_NUM(8, 8),
  SET_VRING_ADDR(9, 40),
  SET_VRING_BASE(10, 8),
  GET_VRING_BASE(11, 8),
  SET_VRING_KICK(12, 8, 1),
  SET_VRING_CALL(13, 8, 1),
  SET_VRING_ERR(14, 8, 1),
  GET_PROTOCOL_FEATURES(15, 0),
  SET_PROTOCOL_FEATURES(16, 8),
  GET_QUEUE_NUM(17, 0),
  SET_VRING_ENABLE(18, 8),
  NET_SET_MTU(20, 8),
  SET_BACKEND_REQ_FD(21, 0, 1),
  GET_CONFIG(24, -1),
  SET_CONFIG(25, -1),
  GET_INFLIGHT_FD(31, -1),
  SET_INFLIGHT_FD(32, -1, 1),
  RESET_DEVICE(34, 0),
  GET_MAX_MEM_SLOTS(36, 0),
  ADD_MEM_REG(37, 40, 1),
  REM_MEM_REG(38, 40, 1),
  SET_STATUS(39, 8),
  GET_STATUS(40, 0);

  private static final Request[] BY_CODE = new Request[64];

  static {
    for (Request request : values()) {
      BY_CODE[request.code] = request;
    }
  }

  final int code;

  /** Bytes of its payload, or -1: it says so itself. */
  final int size;

  /** How many fds it may carry at most. */
  final int maxFds;

  Request(int code, int size) {
    this(code, size, 0);
  }

  Request(int code, int size, int maxFds) {
    this.code = code;
    this.size = size;
    this.maxFds = maxFds;
  }

  /** The request with a code, or null. */
  static Request of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  /** The name, as users may find it in other programs' logs. */
  String label() {
    return name().toUpperCase(Locale.ROOT);
  }
}
