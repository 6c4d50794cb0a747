/** placeholder */ package dev.outboard.integration;
