"""Tests of martlet.steering, and of martlet.diagnostics and martlet.user_frames."""
