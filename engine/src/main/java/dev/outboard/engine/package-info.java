/** placeholder */ package dev.outboard.engine;
