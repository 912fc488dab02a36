# SPDX-License-Identifier: Apache-2.0
"""The scenarios of the vectors, one module for each directory."""
