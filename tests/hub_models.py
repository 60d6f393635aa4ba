"""Networks of KerasHub that make images: small, with random weights.

Each entry of `MODELS` says by hand, from the layers in KerasHub's sources, what
a true verdict is.
"""

from public_examples import PublicModel


def vae(data_format="channels_last"):
    from keras_hub.src.models.vae.vae_backbone import VAEBackbone

    return VAEBackbone(
        [32, 32, 32, 32],
        [1, 1, 1, 1],
        [32, 32, 32, 32],
        [1, 1, 1, 1],
        sampler_method="mode",
        sample_channels=4,
        data_format=data_format,
    )


def vae_decoder():
    """Stable Diffusion's decoder by itself, latents to images."""
    import keras
    from keras_hub.src.models.vae.vae_layers import VAEDecoder

    latents = keras.Input((8, 8, 4))
    decoder = VAEDecoder([32, 32, 32, 32], [1, 1, 1, 1])
    return keras.Model(latents, decoder(latents))


def resnet(**kwargs):
    from keras_hub.models import ResNetBackbone

    settings = dict(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 64, 64, 64],
        stackwise_num_blocks=[1, 1, 1, 1],
        stackwise_num_strides=[1, 2, 2, 2],
        block_type="basic_block",
    )
    return ResNetBackbone(**(settings | kwargs))


def basnet():
    from keras_hub.models import BASNetBackbone

    encoder = resnet(stackwise_num_filters=[64, 128, 256, 512])
    return BASNetBackbone(
        encoder, num_classes=1, image_shape=(64, 64, 3), projection_filters=64
    )


def basnet_segmenter():
    from keras_hub.models import BASNetImageSegmenter

    return BASNetImageSegmenter(basnet())


def deeplab():
    from keras_hub.models import DeepLabV3Backbone

    return DeepLabV3Backbone(
        resnet(image_shape=(96, 96, 3)),
        spatial_pyramid_pooling_key="P5",
        upsampling_size=8,
        dilation_rates=[1, 2, 3],
        low_level_feature_key="P2",
        projection_filters=8,
        image_shape=(96, 96, 3),
    )


def deeplab_segmenter():
    from keras_hub.models import DeepLabV3ImageSegmenter

    return DeepLabV3ImageSegmenter(backbone=deeplab(), num_classes=2)


def mit():
    from keras_hub.models import MiTBackbone

    return MiTBackbone(
        image_shape=(64, 64, 3),
        num_layers=4,
        hidden_dims=[8, 16, 24, 32],
        layerwise_depths=[1, 1, 1, 1],
        layerwise_num_heads=[1, 1, 1, 1],
        layerwise_sr_ratios=[8, 4, 2, 1],
        layerwise_patch_sizes=[7, 3, 3, 3],
        layerwise_strides=[4, 2, 2, 2],
        max_drop_path_rate=0.0,
    )


def segformer():
    from keras_hub.models import SegFormerBackbone

    return SegFormerBackbone(image_encoder=mit(), projection_filters=8)


def segformer_segmenter():
    from keras_hub.models import SegFormerImageSegmenter

    return SegFormerImageSegmenter(backbone=segformer(), num_classes=3)


def depth_anything():
    from keras_hub.models import DepthAnythingBackbone, DINOV2Backbone

    encoder = DINOV2Backbone(
        patch_size=14,
        num_layers=4,
        hidden_dim=16,
        num_heads=2,
        intermediate_dim=32,
        image_shape=(98, 98, 3),
        position_embedding_shape=(98, 98),
    )
    return DepthAnythingBackbone(
        image_encoder=encoder,
        reassemble_factors=[4, 2, 1, 0.5],
        neck_hidden_dims=[8, 8, 8, 8],
        fusion_hidden_dim=8,
        head_hidden_dim=8,
        head_in_index=-1,
        feature_keys=["stage1", "stage2", "stage3", "stage4"],
    )


def depth_estimator():
    from keras_hub.models import DepthAnythingDepthEstimator

    return DepthAnythingDepthEstimator(
        backbone=depth_anything(), depth_estimation_type="relative"
    )


def sam():
    from keras_hub import layers, models

    return models.SAMBackbone(
        image_encoder=models.ViTDetBackbone(
            hidden_size=16,
            num_layers=2,
            intermediate_dim=32,
            num_heads=2,
            global_attention_layer_indices=[1],
            patch_size=16,
            num_output_channels=16,
            window_size=2,
            image_shape=(128, 128, 3),
        ),
        prompt_encoder=layers.SAMPromptEncoder(
            hidden_size=16,
            image_embedding_size=(8, 8),
            input_image_size=(128, 128),
            mask_in_channels=16,
        ),
        mask_decoder=layers.SAMMaskDecoder(
            num_layers=2,
            hidden_size=16,
            intermediate_dim=32,
            num_heads=2,
            embedding_dim=16,
            num_multimask_outputs=3,
            iou_head_depth=3,
            iou_head_hidden_dim=8,
        ),
    )


def sam_segmenter():
    from keras_hub.models import SAMImageSegmenter

    return SAMImageSegmenter(backbone=sam())


def retinanet():
    from keras_hub.models import RetinaNetBackbone

    return RetinaNetBackbone(
        image_encoder=resnet(image_shape=(128, 128, 3)),
        min_level=3,
        max_level=5,
        use_p5=False,
        image_shape=(128, 128, 3),
    )


def retinanet_detector():
    from keras_hub.models import RetinaNetObjectDetector

    return RetinaNetObjectDetector(retinanet(), num_classes=2)


def clip(name):
    from keras_hub.src.models.clip.clip_text_encoder import CLIPTextEncoder

    return CLIPTextEncoder(20, 16, 16, 2, 2, 16, "quick_gelu", -2, name=name)


def stable_diffusion_3():
    from keras_hub.models import StableDiffusion3Backbone

    return StableDiffusion3Backbone(
        mmdit_patch_size=2,
        mmdit_hidden_dim=16,
        mmdit_num_layers=1,
        mmdit_num_heads=2,
        mmdit_position_size=16,
        mmdit_qk_norm=None,
        mmdit_dual_attention_indices=None,
        vae=vae_of_16(),
        clip_l=clip("clip_l"),
        clip_g=clip("clip_g"),
        image_shape=(64, 64, 3),
    )


def vae_of_16():
    from keras_hub.src.models.vae.vae_backbone import VAEBackbone

    widths, depths = [32, 32, 32, 32], [1, 1, 1, 1]
    return VAEBackbone(widths, depths, widths, depths, sampler_method="mode")


def stable_diffusion_3_task():
    from keras_hub.models import StableDiffusion3TextToImage

    return StableDiffusion3TextToImage(stable_diffusion_3(), None)


def stable_diffusion_3_image_task():
    from keras_hub.models import StableDiffusion3ImageToImage

    return StableDiffusion3ImageToImage(stable_diffusion_3(), None)


def stable_diffusion_3_inpaint():
    from keras_hub.models import StableDiffusion3Inpaint

    return StableDiffusion3Inpaint(stable_diffusion_3(), None)


def sam3():
    from keras_hub import layers, models

    shape = (112, 112, 3)
    wide = dict(hidden_dim=16, intermediate_dim=32, num_heads=2)
    return models.SAM3PromptableConceptBackbone(
        vision_encoder=layers.SAM3VisionEncoder(
            image_shape=shape,
            patch_size=14,
            num_layers=2,
            fpn_hidden_dim=16,
            fpn_scale_factors=[4.0, 2.0, 1.0, 0.5],
            pretrain_image_shape=shape,
            window_size=2,
            global_attn_indexes=[1],
            **wide,
        ),
        text_encoder=layers.SAM3TextEncoder(
            vocabulary_size=64, embedding_dim=16, num_layers=1, **wide
        ),
        geometry_encoder=layers.SAM3GeometryEncoder(
            num_layers=1, roi_size=7, **wide
        ),
        detr_encoder=layers.SAM3DetrEncoder(num_layers=1, **wide),
        detr_decoder=layers.SAM3DetrDecoder(
            image_shape=shape,
            patch_size=14,
            num_layers=1,
            num_queries=4,
            **wide,
        ),
        mask_decoder=layers.SAM3MaskDecoder(
            num_upsampling_stages=3, hidden_dim=16, num_heads=2
        ),
    )


def sam3_segmenter():
    from keras_hub.models import SAM3PromptableConceptImageSegmenter

    return SAM3PromptableConceptImageSegmenter(sam3(), None)


def d_fine():
    from keras_hub.models import DFineBackbone, HGNetV2Backbone

    encoder = HGNetV2Backbone(
        stem_channels=[3, 8, 8],
        stackwise_stage_filters=[
            [8, 8, 16, 1, 1, 3],
            [16, 8, 16, 1, 1, 3],
            [16, 8, 16, 1, 1, 3],
            [16, 8, 16, 1, 1, 3],
        ],
        apply_downsample=[False, True, True, True],
        use_lightweight_conv_block=[False, False, True, True],
        depths=[1, 1, 1, 1],
        hidden_sizes=[16, 16, 16, 16],
        embedding_size=8,
        use_learnable_affine_block=True,
        hidden_act="relu",
        image_shape=(None, None, 3),
        out_features=["stage3", "stage4"],
    )
    return DFineBackbone(
        backbone=encoder,
        decoder_in_channels=[16, 16],
        encoder_hidden_dim=16,
        num_denoising=0,
        num_labels=4,
        hidden_dim=16,
        learn_initial_query=False,
        num_queries=8,
        anchor_image_size=(64, 64),
        feat_strides=[16, 32],
        num_feature_levels=2,
        encoder_in_channels=[16, 16],
        encode_proj_layers=[1],
        num_attention_heads=2,
        encoder_ffn_dim=32,
        num_encoder_layers=1,
        hidden_expansion=0.34,
        depth_multiplier=0.5,
        eval_idx=-1,
        num_decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        decoder_n_points=[2, 2],
        lqe_hidden_dim=8,
        num_lqe_layers=1,
        out_features=["stage3", "stage4"],
        image_shape=(64, 64, 3),
        seed=0,
    )


def d_fine_detector():
    from keras_hub.models import DFineObjectDetector

    return DFineObjectDetector(
        backbone=d_fine(), num_classes=4, bounding_box_format="xyxy"
    )


def mobilenet_v5():
    from keras_hub.models import MobileNetV5Backbone

    return MobileNetV5Backbone(
        stackwise_block_types=[["er"], ["uir", "uir"]],
        stackwise_num_blocks=[1, 2],
        stackwise_num_filters=[[8], [16, 16]],
        stackwise_strides=[[2], [2, 1]],
        stackwise_act_layers=[["relu"], ["relu", "relu"]],
        stackwise_exp_ratios=[[4.0], [6.0, 6.0]],
        stackwise_se_ratios=[[0.0], [0.0, 0.0]],
        stackwise_dw_kernel_sizes=[[0], [5, 5]],
        stackwise_dw_start_kernel_sizes=[[0], [0, 0]],
        stackwise_dw_end_kernel_sizes=[[0], [0, 0]],
        stackwise_exp_kernel_sizes=[[3], [0, 0]],
        stackwise_pw_kernel_sizes=[[1], [0, 0]],
        stackwise_num_heads=[[0], [0, 0]],
        stackwise_key_dims=[[0], [0, 0]],
        stackwise_value_dims=[[0], [0, 0]],
        stackwise_kv_strides=[[0], [0, 0]],
        stackwise_use_cpe=[[False], [False, False]],
        num_features=16,
        msfa_output_resolution=32,
        image_shape=(128, 128, 3),
    )


def flux():
    from keras_hub.models import FluxBackbone

    return FluxBackbone(
        input_channels=16,
        hidden_size=24,
        mlp_ratio=2,
        num_heads=2,
        depth=1,
        depth_single_blocks=1,
        axes_dim=[4, 4, 4],
        theta=10_000,
        use_bias=True,
        image_shape=(64, 16),
        text_shape=(8, 16),
        image_ids_shape=(64, 3),
        text_ids_shape=(8, 3),
        y_shape=(16,),
    )


_RESIZED = "only bilinear or nearest resizes and convolutions after them"
_NO_UPSAMPLING = "it makes features of images or latents and upsamples none"
_TRANSPOSED = (
    "transposed convolutions whose kernel is the stride, drawn at random: each "
    "phase has a weight of its own"
)
MODELS = {
    "VAEBackbone": PublicModel(vae, False, _RESIZED),
    "VAEBackbone, channels first": PublicModel(
        lambda: vae("channels_first"), False, _RESIZED
    ),
    "VAEDecoder": PublicModel(vae_decoder, False, _RESIZED),
    "BASNetBackbone": PublicModel(basnet, False, _RESIZED),
    "BASNetImageSegmenter": PublicModel(basnet_segmenter, False, _RESIZED),
    "DeepLabV3Backbone": PublicModel(deeplab, False, _RESIZED),
    "DeepLabV3ImageSegmenter": PublicModel(deeplab_segmenter, False, _RESIZED),
    "SegFormerBackbone": PublicModel(segformer, False, _RESIZED),
    "SegFormerImageSegmenter": PublicModel(
        segformer_segmenter, False, _RESIZED
    ),
    "DepthAnythingBackbone": PublicModel(depth_anything, True, _TRANSPOSED),
    "DepthAnythingDepthEstimator": PublicModel(
        depth_estimator, True, _TRANSPOSED
    ),
    "SAMBackbone": PublicModel(sam, False, _NO_UPSAMPLING),
    "SAMImageSegmenter": PublicModel(sam_segmenter, True, _TRANSPOSED),
    "RetinaNetBackbone": PublicModel(retinanet, False, _RESIZED),
    "RetinaNetObjectDetector": PublicModel(retinanet_detector, False, _RESIZED),
    "StableDiffusion3Backbone": PublicModel(
        stable_diffusion_3, False, _RESIZED
    ),
    "StableDiffusion3TextToImage": PublicModel(
        stable_diffusion_3_task, False, _RESIZED
    ),
    "StableDiffusion3ImageToImage": PublicModel(
        stable_diffusion_3_image_task, False, _RESIZED
    ),
    "StableDiffusion3Inpaint": PublicModel(
        stable_diffusion_3_inpaint, False, _RESIZED
    ),
    "SAM3PromptableConceptBackbone": PublicModel(sam3, True, _TRANSPOSED),
    "SAM3PromptableConceptImageSegmenter": PublicModel(
        sam3_segmenter, True, _TRANSPOSED
    ),
    "DFineBackbone": PublicModel(d_fine, False, _RESIZED),
    "DFineObjectDetector": PublicModel(d_fine_detector, False, _RESIZED),
    "MobileNetV5Backbone": PublicModel(mobilenet_v5, False, _RESIZED),
    "FluxBackbone": PublicModel(flux, False, _NO_UPSAMPLING),
}
