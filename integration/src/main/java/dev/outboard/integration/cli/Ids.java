package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Names;

/** Names as part of an API path. */
final class Ids {
  private Ids() {}

  static String path(String id) throws UserException {
    return path("/guests/", "id", id);
  }

  /**
   * The path of one of a kind.
   *
   * @param what the name is, in the command's words
   */
  static String path(String kind, String what, String name) throws UserException {
    if (!Names.isName(name)) {
      throw UserException.input(what + " '" + name + "' is not a name: " + Names.RULE, null);
    }
    return kind + name;
  }
}
