package dev.outboard.integration.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Guests' names as part of an API path. */
final class Ids {
  private Ids() {}

  static String path(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
