package dev.outboard.integration.rest;

import dev.outboard.integration.plugins.PluginException;
import dev.outboard.integration.plugins.Plugins;
import dev.outboard.integration.wire.PluginView;
import jakarta.inject.Inject;
import java.util.List;

/** Answers {@code /plugins}. Any thread. */
final class PluginsResource {
  private final Plugins plugins;

  @Inject
  PluginsResource(Plugins plugins) {
    this.plugins = plugins;
  }

  List<PluginView> list() {
    return plugins.list();
  }

  PluginView put(String name) throws ApiException {
    try {
      return plugins.load(name);
    } catch (PluginException e) {
      int status =
          switch (e.kind()) {
            case INVALID -> 400;
            case UNKNOWN -> 404;
            case TAKEN, REFUSED -> 409;
          };
      throw new ApiException(status, e.getMessage(), e);
    }
  }
}
