package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Names;

/** Guests' names as part of an API path. */
final class Ids {
  private Ids() {}

  static String path(String id) throws UserException {
    if (!Names.isName(id)) {
      throw UserException.input("id '" + id + "' is not a name: " + Names.RULE, null);
    }
    return "/guests/" + id;
  }
}
