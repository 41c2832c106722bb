"""The recipe of Easel's starter model: from icon packages to an exported text-to-image model."""
