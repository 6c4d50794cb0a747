package dev.outboard.guest.vhost;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The requests a frontend can make, with their numbers in the specification. Any thread. */
public enum VhostUserRequest {
  GET_FEATURES(1),
  SET_FEATURES(2),
  SET_OWNER(3),
  RESET_OWNER(4),
  SET_MEM_TABLE(5),
  SET_LOG_BASE(6),
  SET_LOG_FD(7),
  SET_VRING_NUM(8),
  SET_VRING_ADDR(9),
  SET_VRING_BASE(10),
  GET_VRING_BASE(11),
  SET_VRING_KICK(12),
  SET_VRING_CALL(13),
  SET_VRING_ERR(14),
  GET_PROTOCOL_FEATURES(15),
  SET_PROTOCOL_FEATURES(16),
  GET_QUEUE_NUM(17),
  SET_VRING_ENABLE(18),
  SEND_RARP(19),
  NET_SET_MTU(20),
  SET_BACKEND_REQ_FD(21),
  IOTLB_MSG(22),
  SET_VRING_ENDIAN(23),
  GET_CONFIG(24),
  SET_CONFIG(25),
  GET_INFLIGHT_FD(31),
  SET_INFLIGHT_FD(32),
  RESET_DEVICE(34),
  VRING_KICK(35),
  GET_MAX_MEM_SLOTS(36),
  ADD_MEM_REG(37),
  REM_MEM_REG(38),
  SET_STATUS(39),
  GET_STATUS(40);

  private static final Map<Integer, VhostUserRequest> BY_NUMBER = new HashMap<>();

  static {
    for (VhostUserRequest request : values()) {
      BY_NUMBER.put(request.number, request);
    }
  }

  private final int number;

  VhostUserRequest(int number) {
    this.number = number;
  }

  /** The number in the message header. */
  public int number() {
    return number;
  }

  /** The request with this number, if we know it. */
  public static Optional<VhostUserRequest> find(int number) {
    return Optional.ofNullable(BY_NUMBER.get(number));
  }

  /** For messages to people: the name, or the number if there is none. */
  public static String describe(int number) {
    return find(number).map(Enum::name).orElse("request " + number);
  }
}
