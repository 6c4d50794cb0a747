package dev.outboard.engine.vhostuser;

/** The front-end has broken the protocol; its session ends with this message as the reason. */
final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
